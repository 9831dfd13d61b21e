"""Renaming, closing and moving tenants."""

from __future__ import annotations

import pytest

from audit.models import Event
from tenants.administration.close import close
from tenants.administration.move import move, tenant_tables
from tenants.administration.rename import rename
from tenants.errors import InvalidEntry, NotAllowed, NotPossible, TenantMoved
from tenants.models import Level, Role, Tenant
from tenants.owner import as_owner
from tenants.scope import street_scope, tenant_scope
from tests.cast import Cast, appoint, inside, make_member, nomination
from tests.tenants import catalogue
from tests.tenants.administrators import administrator, fresh, last_event, verbs
from tests.workflows.steps import FLOW, Walk
from workflows import permissions
from workflows.actions.claim import claim
from workflows.actions.start import start
from workflows.actions.withdraw import withdraw
from workflows.errors import NotAllowed as CaseNotAllowed
from workflows.models import Decision, Process, Task


def test_a_renamed_community_keeps_its_address(cast: Cast) -> None:
    keeper = administrator(cast.shishan, Role.SYSTEM_ADMIN)
    rename(cast.shicheng, name=" 狮城  新社区 ", actor=keeper)
    assert (fresh(cast.shicheng).name, fresh(cast.shicheng).slug) == ("狮城 新社区", "shicheng")
    event = last_event(cast.shicheng)
    assert (event.verb, event.post, event.changes) == (
        "tenant.renamed",
        "system_admin",
        {"name": ["狮城社区", "狮城 新社区"]},
    )


@pytest.mark.parametrize("name", ["", "   ", "狮城社区", "东山北社区", "甲" * 101, "坏\x07"])
def test_a_name_that_is_no_new_name_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(InvalidEntry) as refusal:
        rename(cast.shicheng, name=name, actor=None)
    assert refusal.value.field == "name"
    assert fresh(cast.shicheng).name == "狮城社区"
    assert verbs(cast.shicheng) == []


def test_a_system_administrator_of_the_other_street_renames_nothing_here(cast: Cast) -> None:
    for outsider in (
        administrator(cast.yuntai, Role.SYSTEM_ADMIN),
        administrator(cast.shishan, Role.SECURITY_ADMIN, "anquan"),
        cast.actor("wang_fang"),
    ):
        with pytest.raises(NotAllowed):
            rename(cast.shicheng, name="别名", actor=outsider)
    assert fresh(cast.shicheng).name == "狮城社区"


def test_a_community_with_an_open_case_is_not_closed(cast: Cast) -> None:
    walk = Walk(cast)
    with pytest.raises(NotPossible, match="1"):
        close(cast.shicheng, actor=None)
    assert fresh(cast.shicheng).is_open
    assert "tenant.closed" not in verbs(cast.shicheng)
    with inside(cast.shicheng):
        withdraw(walk.case_id, actor=walk.clerk)
    assert not close(cast.shicheng, actor=None).is_open
    assert verbs(cast.shicheng)[-1] == "tenant.closed"


def test_a_closed_community_starts_no_case_and_stays_readable(cast: Cast) -> None:
    walk = Walk(cast)
    member = make_member(cast.shicheng, "李四")
    with inside(cast.shicheng):
        withdraw(walk.case_id, actor=walk.clerk)
    close(cast.shicheng, actor=None)
    with pytest.raises(CaseNotAllowed), inside(cast.shicheng):
        start(FLOW, actor=walk.clerk, data=nomination(member))
    assert permissions.get_tenant(walk.clerk, "shicheng").pk == cast.shicheng.pk
    with inside(cast.shicheng):
        assert [case.pk for case in Process.objects.all()] == [walk.case_id]
    with pytest.raises(NotPossible):
        close(cast.shicheng, actor=None)


def test_a_street_closes_after_its_communities(cast: Cast) -> None:
    with pytest.raises(NotPossible):
        close(cast.yuntai, actor=None)
    close(cast.yuntai_first, actor=None)
    assert not close(cast.yuntai, actor=None).is_open


def test_only_a_system_administrator_closes(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        close(cast.shicheng, actor=cast.actor("zhao_qiang"))
    assert fresh(cast.shicheng).is_open
    assert not close(cast.shicheng, actor=administrator(cast.city, Role.SYSTEM_ADMIN)).is_open


def test_a_move_takes_everything_along_and_leaves_nothing_behind(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    before = {name: _rows(cast.shicheng, name) for name in tenant_tables()}
    moved = move(cast.shicheng, to=cast.yuntai, actor=None)
    community = fresh(cast.shicheng)
    assert (community.parent_id, community.street_id) == (cast.yuntai.pk, cast.yuntai.pk)
    assert moved.rows >= sum(before.values()) > 20
    for name in tenant_tables():
        assert _rows(community, name, street=cast.yuntai) == _rows(community, name) >= before[name]
    with street_scope(cast.shishan.pk):
        assert not Process.objects.filter(tenant_id=community.pk).exists()
    with street_scope(cast.yuntai.pk):
        assert Process.objects.filter(pk=walk.case_id).exists()


def test_every_tenant_table_moves(cast: Cast) -> None:
    assert sorted(tenant_tables()) == sorted(catalogue.tenant_tables())


def test_a_move_is_told_on_all_three_sides(cast: Cast) -> None:
    keeper = administrator(cast.district, Role.SYSTEM_ADMIN)
    move(cast.shicheng, to=cast.yuntai, actor=keeper)
    assert verbs(cast.shicheng)[-1] == "tenant.moved"
    assert last_event(cast.shicheng).changes == {"street": ["shishan", "yuntai"], "steps": 0}
    assert verbs(cast.shishan)[-1] == "community.moved_out"
    assert verbs(cast.yuntai)[-1] == "community.moved_in"
    assert {last_event(t).actor_id for t in (cast.shicheng, cast.shishan, cast.yuntai)} == {keeper.user_id}


def test_what_waits_for_the_old_street_waits_for_the_new_one_and_history_stays(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    step = walk.open_step()
    with inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=walk.officer)
        decided = list(Decision.objects.values_list("task_id", "post_tenant_id"))
    moved = move(cast.shicheng, to=cast.yuntai, actor=None)
    assert moved.steps == 1
    community = fresh(cast.shicheng)
    with tenant_scope(community):
        waiting = Task.objects.get(pk=step.pk)
        assert (waiting.post_tenant_id, waiting.status, waiting.owner_id) == (cast.yuntai.pk, "NEW", None)
        assert list(Decision.objects.values_list("task_id", "post_tenant_id")) == decided
    assert "step.readdressed" in verbs(community)
    cast.shicheng = community
    officer = cast.actor("sun_li")
    walk.officer = officer
    walk.meet()
    assert walk.waiting_at() == ["street_notice"]


def test_who_read_the_community_from_the_old_street_no_longer_does(cast: Cast) -> None:
    old, new = cast.actor("zhao_qiang"), cast.actor("sun_li")
    assert permissions.reading_posts(old, fresh(cast.shicheng))
    move(cast.shicheng, to=cast.yuntai, actor=None)
    assert not permissions.reading_posts(old, fresh(cast.shicheng))
    assert permissions.reading_posts(new, fresh(cast.shicheng))


def test_a_community_moves_into_another_district(cast: Cast) -> None:
    with as_owner():
        west = Tenant.objects.create(slug="xicheng", name="西城区", level=Level.DISTRICT, parent=cast.city)
        Tenant.objects.filter(pk=west.pk).update(district_id=west.pk)
        street = Tenant.objects.create(
            slug="xihu", name="西湖街道", level=Level.STREET, parent=west, district_id=west.pk
        )
        Tenant.objects.filter(pk=street.pk).update(street_id=street.pk)
    member = make_member(cast.shicheng)
    move(cast.shicheng, to=fresh(street), actor=None)
    with tenant_scope(fresh(cast.shicheng)):
        member.refresh_from_db()
    assert (member.street_id, member.district_id) == (street.pk, west.pk)


@pytest.mark.parametrize(
    ("what", "to"),
    [
        ("shicheng", "shishan"),
        ("shicheng", "dongshanbei"),
        ("shicheng", "district"),
        ("shishan", "yuntai"),
    ],
)
def test_only_a_community_moves_and_only_to_another_street(cast: Cast, what: str, to: str) -> None:
    with pytest.raises(NotPossible):
        move(getattr(cast, what), to=getattr(cast, to), actor=None)
    assert fresh(getattr(cast, what)).parent_id == getattr(cast, what).parent_id
    assert verbs(cast.shishan) == []


def test_nothing_closed_moves_and_nothing_moves_to_a_closed_street(cast: Cast) -> None:
    close(cast.yuntai_first, actor=None)
    with pytest.raises(NotPossible):
        move(cast.yuntai_first, to=cast.shishan, actor=None)
    close(cast.yuntai, actor=None)
    with pytest.raises(NotPossible):
        move(cast.shicheng, to=cast.yuntai, actor=None)
    assert fresh(cast.shicheng).street_id == cast.shishan.pk
    assert move(cast.dongshanbei, to=_other_street(cast), actor=None).rows > 0


def test_a_move_needs_a_right_over_both_streets(cast: Cast) -> None:
    for one_sided in (
        administrator(cast.shishan, Role.SYSTEM_ADMIN, "shi"),
        administrator(cast.yuntai, Role.SYSTEM_ADMIN, "yun"),
    ):
        with pytest.raises(NotAllowed):
            move(cast.shicheng, to=cast.yuntai, actor=one_sided)
    assert fresh(cast.shicheng).street_id == cast.shishan.pk
    with inside(cast.shicheng):
        assert not Event.objects.of(cast.shicheng.pk).exists()


def test_whoever_still_works_at_the_old_place_is_told_and_nothing_is_written(cast: Cast) -> None:
    stale = fresh(cast.shicheng)
    move(cast.shicheng, to=cast.yuntai, actor=None)
    with pytest.raises(TenantMoved):
        appoint(stale, cast.chen_jing, Role.COMMUNITY_CLERK)
    assert appoint(fresh(cast.shicheng), cast.chen_jing, Role.COMMUNITY_CLERK).street_id == cast.yuntai.pk


def _other_street(cast: Cast) -> Tenant:
    with as_owner():
        street = Tenant.objects.create(
            slug="xihu",
            name="西湖街道",
            level=Level.STREET,
            parent=cast.district,
            district_id=cast.district.pk,
        )
        Tenant.objects.filter(pk=street.pk).update(street_id=street.pk)
    return fresh(street)


def _rows(tenant: Tenant, table: str, *, street: Tenant | None = None) -> int:
    from django.db import connection

    condition = "" if street is None else f" AND street_id = {street.pk}"
    with tenant_scope(fresh(tenant)), connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}" WHERE tenant_id = {tenant.pk}{condition}')
        return int(cursor.fetchone()[0])
