"""Sending a case back to its applicant, who corrects it."""

from __future__ import annotations

import pytest

from tests.cast import Cast, inside, nomination
from tests.workflows.steps import Walk
from workflows.actions.send_back import send_back
from workflows.errors import InvalidInput, NotAllowed


def _send_back(walk: Walk, comment: str = "请补充党龄证明", actor: object = None) -> None:
    step = walk.open_step()
    with inside(walk.cast.shicheng):
        send_back(walk.case_id, step.pk, actor=actor or walk.secretary, comment=comment)


def test_the_applicant_corrects_and_the_case_walks_its_steps_again(cast: Cast) -> None:
    walk = Walk(cast).check()
    _send_back(walk)
    assert walk.waiting_at() == ["revise"]
    assert walk.open_step().offered_to_id == cast.li_min.pk
    walk.decide(walk.clerk, data=nomination(walk.member, votes_for=17))
    assert walk.waiting_at() == ["eligibility"]
    assert walk.case().data["nomination"]["votes_for"] == 17
    walk.check().review()
    assert walk.waiting_at() == ["community_notice"]


def test_the_street_can_send_back_and_the_notice_runs_again(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    _send_back(walk, actor=walk.officer)
    walk.decide(walk.clerk, data=nomination(walk.member))
    walk.to_meeting()
    assert walk.waiting_at() == ["street_meeting"]


def test_only_the_applicant_corrects(cast: Cast) -> None:
    walk = Walk(cast).check()
    _send_back(walk)
    with pytest.raises(NotAllowed):
        walk.decide(walk.secretary, data=nomination(walk.member))
    assert walk.waiting_at() == ["revise"]


def test_sending_back_says_what_is_missing(cast: Cast) -> None:
    walk = Walk(cast).check()
    with pytest.raises(InvalidInput) as refusal:
        _send_back(walk, comment="  ")
    assert list(refusal.value.fields) == ["comment"]
    assert walk.waiting_at() == ["community_review"]


def test_a_step_without_that_verb_does_not_send_back(cast: Cast) -> None:
    walk = Walk(cast).to_decision()
    with pytest.raises(NotAllowed):
        _send_back(walk, actor=walk.officer)
    assert walk.waiting_at() == ["decision"]


def test_nobody_without_the_post_sends_back(cast: Cast) -> None:
    walk = Walk(cast).check()
    with pytest.raises(NotAllowed):
        _send_back(walk, actor=walk.officer)
    assert walk.waiting_at() == ["community_review"]
