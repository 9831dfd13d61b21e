"""Posts, hand-over, accounts: who may do what from which day to which."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth import SESSION_KEY, authenticate
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from tenants.actors import Actor, actor_for
from tenants.administration.appoint import appoint
from tenants.administration.create_account import create_account
from tenants.administration.end_post import end_post
from tenants.administration.hand_over import hand_over
from tenants.administration.passwords import new_password
from tenants.administration.reset_password import reset_password
from tenants.administration.resume import resume
from tenants.administration.suspend import suspend
from tenants.errors import InvalidEntry, NotAllowed, NotPossible
from tenants.models import Appointment, Role, Tenant, User
from tenants.owner import as_owner
from tenants.scope import tenant_scope
from tenants.tokens import create_token, find_token
from tests.cast import PASSWORD, Cast, inside
from tests.tenants.administrators import administrator, last_event, verbs
from tests.workflows.steps import Walk
from workflows.actions.claim import claim
from workflows.models import Task

DAY = timedelta(days=1)


def posts(tenant: Tenant, user: User) -> list[tuple[str, date, date | None]]:
    with tenant_scope(tenant):
        held = Appointment.objects.filter(user=user).order_by("starts_on", "role")
        return list(held.values_list("role", "starts_on", "ends_on"))


def today() -> date:
    return timezone.localdate()


def test_a_security_administrator_of_the_street_fills_a_communitys_post(cast: Cast) -> None:
    keeper = administrator(cast.shishan, Role.SECURITY_ADMIN)
    appoint(cast.shicheng, user=cast.liu_yang, role="community_clerk", actor=keeper)
    assert actor_for(cast.liu_yang).holds(cast.shicheng.pk, "community_clerk")
    event = last_event(cast.shicheng)
    assert (event.verb, event.post, event.changes["user"]) == ("post.appointed", "security_admin", "liuyang")


def test_a_person_holds_several_posts_in_several_tenants(cast: Cast) -> None:
    appoint(cast.shicheng, user=cast.li_min, role="community_secretary", actor=None)
    appoint(cast.shishan, user=cast.li_min, role="street_officer", actor=None)
    actor = actor_for(cast.li_min)
    assert actor.roles_at(cast.shicheng.pk) == {"community_clerk", "community_secretary"}
    assert actor.roles_at(cast.shishan.pk) == {"street_officer"}


def test_a_post_is_held_from_its_first_day_to_its_last(cast: Cast) -> None:
    appoint(cast.yuntai_first, user=cast.li_min, role="community_clerk", starts_on=today() + DAY, actor=None)
    assert not actor_for(cast.li_min).roles_at(cast.yuntai_first.pk)
    appoint(
        cast.yuntai_first,
        user=cast.wang_fang,
        role="community_clerk",
        starts_on=today(),
        ends_on=today(),
        actor=None,
    )
    assert actor_for(cast.wang_fang).roles_at(cast.yuntai_first.pk)


@pytest.mark.parametrize("who", ["wang_fang", "zhao_qiang"])
def test_without_an_administrators_post_nobody_appoints(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        appoint(cast.shicheng, user=cast.liu_yang, role="community_clerk", actor=cast.actor(who))
    assert posts(cast.shicheng, cast.liu_yang) == []
    assert verbs(cast.shicheng) == []


def test_a_tenants_own_administrator_fills_working_posts_there_and_nothing_else(cast: Cast) -> None:
    own = administrator(cast.shishan, Role.TENANT_ADMIN)
    appoint(cast.shishan, user=cast.li_min, role="street_officer", actor=own)
    for tenant, role in ((cast.shishan, Role.SECURITY_ADMIN), (cast.shicheng, Role.COMMUNITY_CLERK)):
        with pytest.raises(NotAllowed):
            appoint(tenant, user=cast.liu_yang, role=role, actor=own)
    assert posts(cast.shishan, cast.liu_yang) == posts(cast.shicheng, cast.liu_yang) == []


def test_nobody_gives_a_post_to_themselves(cast: Cast) -> None:
    keeper = administrator(cast.shishan, Role.SECURITY_ADMIN)
    keeping = User.objects.get(pk=keeper.user_id)
    with pytest.raises(NotAllowed):
        appoint(cast.shicheng, user=keeping, role="community_secretary", actor=keeper)
    assert posts(cast.shicheng, keeping) == []


@pytest.mark.parametrize(
    ("place", "role"),
    [
        ("shicheng", "street_officer"),
        ("shishan", "community_clerk"),
        ("city", "district_reviewer"),
        ("shicheng", "mayor"),
    ],
)
def test_a_post_exists_at_its_own_level_only(cast: Cast, place: str, role: str) -> None:
    with pytest.raises(InvalidEntry) as refusal:
        appoint(getattr(cast, place), user=cast.liu_yang, role=role, actor=None)
    assert refusal.value.field == "role"
    assert posts(getattr(cast, place), cast.liu_yang) == []


@pytest.mark.parametrize("second", [Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_one_person_is_one_of_the_three_administrators_at_most(cast: Cast, second: Role) -> None:
    appoint(cast.shishan, user=cast.li_min, role="system_admin", ends_on=today() + 9 * DAY, actor=None)
    with pytest.raises(NotPossible):
        appoint(cast.shishan, user=cast.li_min, role=second, actor=None)
    assert [role for role, *_ in posts(cast.shishan, cast.li_min)] == ["system_admin"]
    appoint(cast.shishan, user=cast.liu_yang, role=second, actor=None)
    appoint(cast.yuntai, user=cast.li_min, role=second, actor=None)
    appoint(cast.shishan, user=cast.li_min, role=second, starts_on=today() + 10 * DAY, actor=None)


def test_the_same_post_is_not_held_twice_at_once(cast: Cast) -> None:
    with pytest.raises(NotPossible):
        appoint(cast.shicheng, user=cast.li_min, role="community_clerk", actor=None)
    with pytest.raises(InvalidEntry):
        appoint(cast.shicheng, user=cast.liu_yang, role="community_clerk", ends_on=today() - DAY, actor=None)
    assert len(posts(cast.shicheng, cast.li_min)) == 1


def test_a_post_that_has_ended_gives_no_right_any_more(cast: Cast) -> None:
    end_post(
        cast.shicheng, user=cast.wang_fang, role="community_secretary", ends_on=today() - DAY, actor=None
    )
    assert not actor_for(cast.wang_fang).posts
    with pytest.raises(NotPossible):
        end_post(cast.shicheng, user=cast.wang_fang, role="community_secretary", ends_on=today(), actor=None)


def test_a_hand_over_leaves_neither_gap_nor_overlap(cast: Cast) -> None:
    keeper = administrator(cast.shishan, Role.SECURITY_ADMIN)
    last = today() + 3 * DAY
    hand_over(
        cast.shicheng,
        role="community_secretary",
        leaver=cast.wang_fang,
        successor=cast.liu_yang,
        last_day=last,
        actor=keeper,
    )
    assert posts(cast.shicheng, cast.wang_fang)[0][2] == last
    assert posts(cast.shicheng, cast.liu_yang) == [("community_secretary", last + DAY, None)]
    assert last_event(cast.shicheng).verb == "post.handed_over"


def test_what_a_streets_leaver_had_claimed_goes_back_to_the_post(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    step = walk.open_step()
    with inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=walk.officer)
    done = hand_over(
        cast.shishan,
        role="street_officer",
        leaver=cast.zhao_qiang,
        successor=cast.liu_yang,
        last_day=today() - DAY,
        actor=None,
    )
    assert done.released == 1
    with inside(cast.shicheng):
        assert Task.objects.get(pk=step.pk).owner_id is None
    assert verbs(cast.shicheng)[-1] == "step.released"
    walk.officer = actor_for(cast.liu_yang)
    walk.meet()
    assert walk.waiting_at() == ["street_notice"]


def test_a_hand_over_that_is_refused_changes_neither_post(cast: Cast) -> None:
    before = posts(cast.shicheng, cast.wang_fang), posts(cast.shicheng, cast.liu_yang)
    outsider = administrator(cast.yuntai, Role.SECURITY_ADMIN)
    cases: list[tuple[type[Exception], User, Actor | None]] = [
        (NotAllowed, cast.liu_yang, outsider),
        (InvalidEntry, cast.wang_fang, None),
    ]
    for error, successor, actor in cases:
        with pytest.raises(error):
            hand_over(
                cast.shicheng,
                role="community_secretary",
                leaver=cast.wang_fang,
                successor=successor,
                last_day=today(),
                actor=actor,
            )
    with pytest.raises(NotPossible):
        hand_over(
            cast.shicheng,
            role="community_secretary",
            leaver=cast.chen_jing,
            successor=cast.liu_yang,
            last_day=today(),
            actor=None,
        )
    assert (posts(cast.shicheng, cast.wang_fang), posts(cast.shicheng, cast.liu_yang)) == before


def test_a_new_account_signs_in_and_may_do_nothing_yet(cast: Cast) -> None:
    keeper = administrator(cast.shishan, Role.SYSTEM_ADMIN)
    made = create_account(cast.shicheng, username="new", full_name="新人", actor=keeper)
    assert authenticate(username="new", password=made.password) == made.user
    assert not actor_for(made.user).posts
    assert last_event(cast.shicheng).changes == {"user": "new", "full_name": "新人"}


@pytest.mark.parametrize(
    ("username", "field"), [("limin", "username"), ("", "username"), ("a b", "username")]
)
def test_an_account_that_cannot_be_is_refused(cast: Cast, username: str, field: str) -> None:
    before = User.objects.count()
    with pytest.raises(InvalidEntry) as refusal:
        create_account(cast.shicheng, username=username, full_name="新人", actor=None)
    assert (refusal.value.field, User.objects.count()) == (field, before)
    with pytest.raises(InvalidEntry, match=r"\S"):
        create_account(cast.shicheng, username="new", full_name="新人", password="short", actor=None)
    with pytest.raises(NotAllowed):
        create_account(cast.shicheng, username="new", full_name="新人", actor=cast.actor("zhao_qiang"))
    assert User.objects.count() == before


def test_a_suspended_person_is_out_at_once_everywhere(cast: Cast) -> None:
    with as_owner():
        token = create_token(cast.li_min, cast.shicheng, name="t", days=9)
    session = SessionStore()
    session[SESSION_KEY] = str(cast.li_min.pk)
    session.save()
    other = SessionStore()
    other[SESSION_KEY] = str(cast.wang_fang.pk)
    other.save()
    walk = Walk(cast)
    step = walk.open_step()
    with inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=walk.clerk)
    keeper = administrator(cast.shishan, Role.SECURITY_ADMIN)
    ended = suspend(cast.li_min, reason="离职", actor=keeper)
    assert (ended.sessions, ended.released) == (1, 1)
    assert authenticate(username="limin", password=PASSWORD) is None
    assert find_token(token) is None
    assert [s.session_key for s in Session.objects.all()] == [other.session_key]
    assert "account.suspended" in verbs(cast.shicheng)
    resume(cast.li_min, actor=keeper)
    assert authenticate(username="limin", password=PASSWORD) == cast.li_min
    assert find_token(token) is not None
    assert last_event(cast.shicheng).verb == "account.resumed"


def test_whoever_works_elsewhere_too_is_not_suspended_from_one_place(cast: Cast) -> None:
    keeper = administrator(cast.shishan, Role.SECURITY_ADMIN)
    appoint(cast.yuntai, user=cast.li_min, role="street_officer", actor=None)
    with pytest.raises(NotAllowed):
        suspend(cast.li_min, reason="x", actor=keeper)
    assert User.objects.get(pk=cast.li_min.pk).is_active
    suspend(cast.li_min, reason="x", actor=administrator(cast.district, Role.SECURITY_ADMIN, "qu"))
    assert {verbs(t)[-1] for t in (cast.shicheng, cast.yuntai)} == {"account.suspended"}


def test_a_suspension_needs_a_reason_a_right_and_an_active_account(cast: Cast) -> None:
    keeper = administrator(cast.shishan, Role.SECURITY_ADMIN)
    with pytest.raises(InvalidEntry):
        suspend(cast.li_min, reason=" ", actor=keeper)
    with pytest.raises(NotAllowed):
        suspend(cast.li_min, reason="x", actor=administrator(cast.shishan, Role.SYSTEM_ADMIN, "xt"))
    with pytest.raises(NotAllowed):
        suspend(User.objects.get(pk=keeper.user_id), reason="x", actor=keeper)
    with pytest.raises(NotPossible):
        resume(cast.li_min, actor=keeper)
    assert User.objects.get(pk=cast.li_min.pk).is_active
    assert "account.suspended" not in verbs(cast.shicheng)


def test_a_reset_password_replaces_the_old_one_and_ends_sessions(cast: Cast) -> None:
    session = SessionStore()
    session[SESSION_KEY] = str(cast.li_min.pk)
    session.save()
    made = reset_password(cast.li_min, actor=administrator(cast.shishan, Role.SYSTEM_ADMIN))
    assert authenticate(username="limin", password=PASSWORD) is None
    assert authenticate(username="limin", password=made.password) == cast.li_min
    assert not Session.objects.exists()
    assert last_event(cast.shicheng).verb == "account.password_reset"


def test_a_system_administrator_cannot_become_another_administrator_by_a_reset(cast: Cast) -> None:
    system = administrator(cast.district, Role.SYSTEM_ADMIN)
    other = administrator(cast.shishan, Role.AUDIT_ADMIN, "shenji")
    with pytest.raises(NotAllowed):
        reset_password(User.objects.get(pk=other.user_id), actor=system)
    assert authenticate(username="shenji", password=PASSWORD) is not None


def test_new_passwords_are_long_mixed_and_all_different() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert len(password) >= 12
        assert any(c.islower() for c in password)
        assert any(c.isupper() for c in password)
        assert any(c.isdigit() for c in password)
