"""Withdrawing a case."""

from __future__ import annotations

import pytest

from tests.cast import Cast, inside
from tests.workflows.steps import Walk
from workflows.actions.withdraw import withdraw
from workflows.engine import timers
from workflows.errors import NotAllowed, StepClosed


@pytest.mark.parametrize("progress", ["", "check", "review"])
def test_the_applicant_withdraws_before_the_meeting(cast: Cast, progress: str) -> None:
    walk = Walk(cast)
    if progress:
        walk.check()
    if progress == "review":
        walk.review()
    with inside(cast.shicheng):
        withdraw(walk.case_id, actor=walk.clerk)
    case = walk.case()
    assert (case.status, case.outcome, walk.waiting_at()) == ("CANCELED", "withdrawn", [])


def test_a_withdrawn_notice_no_longer_fires(cast: Cast) -> None:
    walk = Walk(cast).check().review()
    with inside(cast.shicheng):
        withdraw(walk.case_id, actor=walk.clerk)
    assert timers.sweep() == 0


def test_after_the_meeting_it_is_too_late(cast: Cast) -> None:
    walk = Walk(cast).to_meeting().meet()
    with pytest.raises(NotAllowed), inside(cast.shicheng):
        withdraw(walk.case_id, actor=walk.clerk)
    assert walk.waiting_at() == ["street_notice"]


def test_nobody_else_withdraws(cast: Cast) -> None:
    walk = Walk(cast)
    with pytest.raises(NotAllowed), inside(cast.shicheng):
        withdraw(walk.case_id, actor=walk.secretary)
    assert walk.waiting_at() == ["eligibility"]


def test_a_case_is_withdrawn_once(cast: Cast) -> None:
    walk = Walk(cast)
    with inside(cast.shicheng):
        withdraw(walk.case_id, actor=walk.clerk)
    with pytest.raises(StepClosed), inside(cast.shicheng):
        withdraw(walk.case_id, actor=walk.clerk)
