"""Walk a case through its steps as the people of the cast, for tests that begin somewhere on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from demo.notices import let_notices_pass
from registry.models import Member
from tenants.actors import Actor
from tests.cast import ELIGIBLE, Cast, decision, inside, make_member, meeting, nomination
from workflows.actions.decide import decide
from workflows.actions.start import start
from workflows.engine import timers
from workflows.flows import FLOWS
from workflows.models import Process, Task

FLOW = FLOWS["outstanding-member"]


class Walk:
    """One case in Shicheng and the moves of those who handle it."""

    def __init__(self, cast: Cast, member: Member | None = None) -> None:
        self.cast = cast
        self.member = member or make_member(cast.shicheng)
        self.clerk, self.secretary, self.officer = (
            cast.actor(name) for name in ("li_min", "wang_fang", "zhao_qiang")
        )
        with inside(cast.shicheng):
            self.case_id: int = start(FLOW, actor=self.clerk, data=nomination(self.member)).pk

    def open_step(self) -> Task:
        """Return the one step that waits for a person."""
        with inside(self.cast.shicheng):
            step: Task = Task.objects.get(process_id=self.case_id, status__in=["NEW", "ASSIGNED"])
        return step

    def waiting_at(self) -> list[str]:
        """Return the names of the steps that are not finished."""
        with inside(self.cast.shicheng):
            steps = Task.objects.filter(process_id=self.case_id, finished__isnull=True)
            return [step.flow_task.name for step in steps]

    def case(self) -> Process:
        with inside(self.cast.shicheng):
            case: Process = Process.objects.get(pk=self.case_id)
        return case

    def decide(self, actor: Actor, **arguments: Any) -> None:
        step = self.open_step()
        with inside(self.cast.shicheng):
            decide(self.case_id, step.pk, actor=actor, **arguments)

    def check(self, **changes: Any) -> Walk:
        self.decide(self.clerk, data={**ELIGIBLE, **changes})
        return self

    def review(self, outcome: str = "agreed", comment: str = "") -> Walk:
        self.decide(self.secretary, outcome=outcome, comment=comment)
        return self

    def pass_notice(self) -> Walk:
        with inside(self.cast.shicheng):
            assert let_notices_pass(yesterday=timezone.localdate() - timedelta(days=1)) == 1
        assert timers.sweep() == 1
        return self

    def meet(self, **changes: Any) -> Walk:
        self.decide(self.officer, data=meeting(**changes))
        return self

    def award(self, **changes: Any) -> Walk:
        self.decide(self.officer, data=decision(**changes))
        return self

    def to_meeting(self) -> Walk:
        return self.check().review().pass_notice()

    def to_decision(self) -> Walk:
        return self.to_meeting().meet().pass_notice()
