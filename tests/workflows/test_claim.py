"""Claiming a step, and giving it back."""

from __future__ import annotations

import pytest

from tenants.models import Role
from tests.cast import Cast, appoint, inside
from tests.workflows.steps import Walk
from workflows import queries
from workflows.actions.claim import claim
from workflows.actions.release import release
from workflows.errors import NotAllowed, StepClaimed, StepClosed


def test_a_claimed_step_leaves_the_others_inbox_and_returns_when_released(cast: Cast) -> None:
    appoint(cast.shicheng, cast.chen_jing, Role.COMMUNITY_SECRETARY)
    walk = Walk(cast).check()
    step, colleague = walk.open_step(), cast.actor("chen_jing")

    def in_colleagues_inbox() -> bool:
        with inside(cast.shicheng):
            return queries.todo(colleague, cast.shicheng.pk).filter(pk=step.pk).exists()

    assert in_colleagues_inbox()
    with inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=walk.secretary)
    assert not in_colleagues_inbox()
    with inside(cast.shicheng):
        release(walk.case_id, step.pk, actor=walk.secretary)
    assert in_colleagues_inbox()


def test_a_claimed_step_cannot_be_claimed_by_another(cast: Cast) -> None:
    appoint(cast.shicheng, cast.chen_jing, Role.COMMUNITY_SECRETARY)
    walk = Walk(cast).check()
    step, colleague = walk.open_step(), cast.actor("chen_jing")
    with inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=walk.secretary)
    with pytest.raises(StepClaimed), inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=colleague)
    assert walk.open_step().owner_id == cast.wang_fang.pk


def test_claiming_twice_changes_nothing(cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()
    with inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=walk.secretary)
        first = claim(walk.case_id, step.pk, actor=walk.secretary).assigned
    assert walk.open_step().assigned == first


def test_only_the_claimer_releases(cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()
    with inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=walk.secretary)
    with pytest.raises(NotAllowed), inside(cast.shicheng):
        release(walk.case_id, step.pk, actor=walk.clerk)
    assert walk.open_step().owner_id == cast.wang_fang.pk


def test_a_closed_step_cannot_be_claimed(cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()
    walk.review()
    with pytest.raises(StepClosed), inside(cast.shicheng):
        claim(walk.case_id, step.pk, actor=walk.secretary)
