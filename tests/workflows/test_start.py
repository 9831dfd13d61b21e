"""Starting a case."""

from __future__ import annotations

import pytest

from tenants.models import Role
from tests.cast import Cast, appoint, inside, make_member, nomination
from workflows.actions.start import start
from workflows.errors import InvalidInput, NotAllowed
from workflows.flows import FLOWS
from workflows.models import CaseCounter, Process

FLOW = FLOWS["outstanding-member"]


def test_a_clerk_starts_a_nomination_and_it_waits_for_the_eligibility_check(cast: Cast) -> None:
    member = make_member(cast.shicheng)
    clerk = cast.actor("li_min")
    with inside(cast.shicheng):
        case = start(FLOW, actor=clerk, data=nomination(member))
        waiting = case.task_set.get(finished__isnull=True)
    assert waiting.flow_task.name == "eligibility"
    assert (waiting.post_tenant_id, waiting.post_role) == (cast.shicheng.pk, "community_clerk")


def test_a_street_officer_cannot_start_a_community_case_and_nothing_is_written(cast: Cast) -> None:
    member = make_member(cast.shicheng)
    officer = cast.actor("zhao_qiang")
    with pytest.raises(NotAllowed), inside(cast.shicheng):
        start(FLOW, actor=officer, data=nomination(member))
    with inside(cast.shicheng):
        assert not Process.objects.exists()
        assert not CaseCounter.objects.exists()


def test_a_probationary_member_is_refused_naming_the_field(cast: Cast) -> None:
    member = make_member(cast.shicheng, standing="probationary")
    clerk = cast.actor("li_min")
    with pytest.raises(InvalidInput) as refusal, inside(cast.shicheng):
        start(FLOW, actor=clerk, data=nomination(member))
    assert list(refusal.value.fields) == ["member"]


def test_the_only_reviewer_cannot_start_a_case_that_would_then_be_stuck(cast: Cast) -> None:
    member = make_member(cast.shicheng)
    secretary = cast.actor("wang_fang")
    with pytest.raises(NotAllowed), inside(cast.shicheng):
        start(FLOW, actor=secretary, data=nomination(member))
    appoint(cast.shicheng, cast.chen_jing, Role.COMMUNITY_SECRETARY)
    with inside(cast.shicheng):
        assert start(FLOW, actor=secretary, data=nomination(member)).is_open
