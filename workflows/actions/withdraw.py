"""Withdraw a case."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from workflows.engine.lock import lock_case
from workflows.engine.steps import record_decision
from workflows.errors import NotAllowed, StepClosed
from workflows.models import Outcome, Process, Task


def withdraw(case_id: int, *, actor: Actor, comment: str = "") -> Process:
    """Let the applicant withdraw the case, until the meeting that decides it has voted.

    Raises NotFound, NotAllowed for anybody else or too late, StepClosed when the case has ended.
    """
    case = lock_case(case_id)
    refusal = refusal_to_withdraw(case, actor)
    if refusal is not None:
        raise refusal
    waiting = list(Task.objects.filter(process=case, finished__isnull=True).order_by("pk"))
    for step in waiting:
        step.process = case
        step.flow_task.activation_class(step).close()
    case.status, case.outcome, case.finished = "CANCELED", Outcome.WITHDRAWN, timezone.now()
    case.save()
    record_decision(waiting[0], actor=actor, outcome=Outcome.WITHDRAWN, comment=comment, content={})
    trail.record(
        "case.withdrawn", actor=actor, case_id=case_id, changes={"outcome": [None, Outcome.WITHDRAWN.value]}
    )
    return case


def refusal_to_withdraw(case: Process, actor: Actor) -> NotAllowed | StepClosed | None:
    """Return why the actor cannot withdraw the case, or None if they can."""
    if case.applicant_id != actor.user_id:
        return NotAllowed(_("Only the person who started the case can withdraw it."))
    if not case.is_open:
        return StepClosed()
    limit = case.flow_class.instance.node(case.flow_class.withdrawable_until)
    if Task.objects.filter(process=case, flow_task=limit, status="DONE").exists():
        return NotAllowed(_("The meeting has already decided; the case can no longer be withdrawn."))
    return None
