"""Deciding a step: who may, once, and with a trace."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from audit.models import Event
from tenants.models import Appointment, Role
from tests.cast import ELIGIBLE, Cast, appoint, inside, make_member
from tests.workflows.steps import Walk
from workflows.actions.claim import claim
from workflows.actions.decide import decide
from workflows.errors import InvalidInput, NotAllowed, NotFound, StepClaimed, StepClosed
from workflows.models import Decision, Process, Task


def test_the_holder_of_the_post_decides_and_the_log_says_so(cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()
    walk.review()
    with inside(cast.shicheng):
        decision = Decision.objects.get(task_id=step.pk)
        event = Event.objects.of(cast.shicheng.pk).get(step_id=step.pk)
    assert (decision.actor_name, decision.outcome, decision.post_role) == (
        "王芳",
        "agreed",
        Role.COMMUNITY_SECRETARY,
    )
    assert (event.verb, event.actor_id, event.changes["outcome"]) == (
        "step.decided",
        cast.wang_fang.pk,
        [None, "agreed"],
    )


@pytest.mark.parametrize("person", ["li_min", "chen_jing", "liu_yang", "zhao_qiang", "sun_li"])
def test_nobody_without_the_post_decides(cast: Cast, person: str) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()
    actor = cast.actor(person)
    before = _state(cast)
    with pytest.raises(NotAllowed), inside(cast.shicheng):
        decide(walk.case_id, step.pk, actor=actor, outcome="agreed")
    assert _state(cast) == before
    walk.review()
    assert walk.waiting_at() == ["community_notice"]


def test_a_step_is_decided_once(cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()
    walk.review()
    before = _state(cast)
    with pytest.raises(StepClosed, match="王芳"), inside(cast.shicheng):
        decide(walk.case_id, step.pk, actor=walk.secretary, outcome="disagreed", comment="晚了")
    assert _state(cast) == before


def test_the_database_itself_takes_one_decision_per_step(cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()
    walk.review()
    with pytest.raises(IntegrityError, match="one_decision_per_step"), inside(cast.shicheng):
        Decision.objects.create(
            process_id=walk.case_id, task_id=step.pk, actor_id=cast.li_min.pk, outcome="agreed"
        )


def test_a_step_of_another_case_is_not_found(cast: Cast) -> None:
    walk = Walk(cast).check(discipline="yes")
    other = Walk(cast, make_member(cast.shicheng, "李四")).check()
    step = other.open_step()
    for case_id in (walk.case_id, 999_999):
        with pytest.raises(NotFound), inside(cast.shicheng):
            decide(case_id, step.pk, actor=walk.secretary, outcome="agreed")
    assert other.waiting_at() == ["community_review"]


def test_a_case_of_another_community_is_not_found(cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()
    neighbour = cast.actor("liu_yang")
    with pytest.raises(NotFound), inside(cast.dongshanbei):
        decide(walk.case_id, step.pk, actor=neighbour, outcome="agreed")
    assert walk.waiting_at() == ["community_review"]


def test_a_step_the_system_does_cannot_be_decided(cast: Cast) -> None:
    walk = Walk(cast).check().review()
    with inside(cast.shicheng):
        notice = Task.objects.get(process_id=walk.case_id, status="SCHEDULED")
    with pytest.raises(NotFound), inside(cast.shicheng):
        decide(walk.case_id, notice.pk, actor=walk.secretary, outcome="agreed")
    assert walk.waiting_at() == ["community_notice"]


def test_nobody_reviews_an_own_case(cast: Cast) -> None:
    appoint(cast.shicheng, cast.li_min, Role.COMMUNITY_SECRETARY)
    walk = Walk(cast).check()
    step, applicant = walk.open_step(), cast.actor("li_min")
    with pytest.raises(NotAllowed, match=r"recusal|回避"), inside(cast.shicheng):
        decide(walk.case_id, step.pk, actor=applicant, outcome="agreed")
    walk.review()
    assert walk.waiting_at() == ["community_notice"]


def test_a_step_claimed_by_another_is_left_alone(cast: Cast) -> None:
    appoint(cast.shicheng, cast.chen_jing, Role.COMMUNITY_SECRETARY)
    walk = Walk(cast).check()
    step, colleague = walk.open_step(), cast.actor("chen_jing")
    with inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=walk.secretary)
    with pytest.raises(StepClaimed, match="王芳"), inside(cast.shicheng):
        decide(walk.case_id, step.pk, actor=colleague, outcome="agreed")
    walk.review()
    assert walk.waiting_at() == ["community_notice"]


def test_an_opinion_is_one_that_the_step_knows(cast: Cast) -> None:
    walk = Walk(cast).check()
    for outcome in ("", "approved", "submitted"):
        with pytest.raises(InvalidInput) as refusal:
            walk.decide(walk.secretary, outcome=outcome)
        assert list(refusal.value.fields) == ["outcome"]
    assert walk.waiting_at() == ["community_review"]


def test_a_post_that_has_ended_no_longer_decides(cast: Cast) -> None:
    walk = Walk(cast)
    with inside(cast.shicheng):
        Appointment.objects.filter(user=cast.li_min).update(ends_on="2020-02-01")
    with pytest.raises(NotAllowed):
        walk.decide(cast.actor("li_min"), data=ELIGIBLE)
    assert walk.waiting_at() == ["eligibility"]


def _state(cast: Cast) -> tuple[object, ...]:
    with inside(cast.shicheng):
        return (
            list(Process.objects.values("status", "outcome", "data")),
            list(Task.objects.order_by("id").values("id", "status", "owner_id", "finished")),
            Decision.objects.count(),
            Event.objects.of(cast.shicheng.pk).count(),
        )
