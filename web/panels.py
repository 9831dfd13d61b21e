"""What a person can do in an open step, or why they cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tenants.actors import Actor
from web.forms import Problem, prepared, problems_of
from workflows import permissions, queries
from workflows.engine.inputs import StepInput
from workflows.engine.steps import step_form
from workflows.models import Outcome, Process, Task

VERBS = {
    Outcome.SUBMITTED: _("Submit"),
    Outcome.AGREED: _("Agree"),
    Outcome.DISAGREED: _("Disagree"),
}


@dataclass(frozen=True)
class Attempt:
    """What somebody entered in a step that was not accepted."""

    step_id: int
    entered: QueryDict
    problems: dict[str, list[str]]
    is_decision: bool


@dataclass(frozen=True)
class Panel:
    """One open step as this person sees it; with a refusal it has no form."""

    step: Task
    refusal: str = ""
    form: StepInput | None = None
    buttons: list[tuple[Outcome, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    comment: str = ""

    @property
    def asks_opinion(self) -> bool:
        return len(self.buttons) > 1

    @property
    def can_claim(self) -> bool:
        return self.step.owner_id is None and bool(self.step.post_role)

    @property
    def can_release(self) -> bool:
        return self.step.owner_id is not None

    @property
    def can_send_back(self) -> bool:
        return bool(self.step.flow_task.may_send_back)

    @property
    def comment_problem(self) -> str:
        return next((problem.message for problem in self.problems if problem.anchor == "id_comment"), "")


def panels_of(case: Process, actor: Actor, attempt: Attempt | None) -> list[Panel]:
    """Return a panel for each of the case's open steps."""
    return [_panel(step, actor, attempt) for step in queries.open_steps(case)]


def _panel(step: Task, actor: Actor, attempt: Attempt | None) -> Panel:
    refusal = permissions.refusal_to_act(actor, step)
    if refusal is not None:
        return Panel(step, refusal=refusal.message)
    buttons = [(outcome, VERBS[outcome]) for outcome in step.flow_task.outcomes]
    if attempt is None or attempt.step_id != step.pk:
        return Panel(step, form=prepared(step_form(step)), buttons=buttons)
    form = _entered(step, attempt)
    return Panel(
        step,
        form=form,
        buttons=buttons,
        problems=problems_of(form, attempt.problems),
        comment=attempt.entered.get("comment", ""),
    )


def _entered(step: Task, attempt: Attempt) -> StepInput:
    if attempt.is_decision:
        return prepared(step_form(step, attempt.entered))
    # Sending back asks for a reason only: what stands in the form is kept, but not judged.
    form = prepared(step_form(step))
    form.initial = {**form.initial, **attempt.entered.dict()}
    return form
