"""Take hold of a step: its case locked, the step checked to belong to it and to be open."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from tenants.actors import Actor
from workflows.engine.inputs import StepInput
from workflows.engine.lock import lock_case
from workflows.errors import NotFound, StepClosed
from workflows.models import Decision, Outcome, Process, Task

LONG_TEXT = 60


def lock_step(case_id: int, step_id: int) -> Task:
    """Return a step of this very case, the case locked; raise NotFound for any other pair of ids."""
    case = lock_case(case_id)
    step: Task | None = Task.objects.filter(pk=step_id, process_id=case.pk).first()
    if step is None or not hasattr(step.flow_task, "form"):
        raise NotFound
    step.process = case
    return step


def require_open(step: Task) -> None:
    """Raise StepClosed, naming who closed it, unless the step waits for a person."""
    if not step.is_open:
        raise StepClosed(step.owner_name)


def step_form(step: Task, data: Any = None) -> StepInput:
    """Return the step's form, bound to `data` or filled with what the case already holds."""
    form: type[StepInput] = step.flow_task.form
    case: Process = step.process
    initial = case.data.get(data_key(step.flow_task), {})
    return form(data, case=case, today=timezone.localdate(), initial=initial)


def data_key(node: Any) -> str:
    """Return where a node's input is kept in the case's data."""
    return str(node.form.key or node.name)


def record_decision(
    step: Task, *, actor: Actor, outcome: Outcome, comment: str, content: dict[str, Any]
) -> Decision:
    """Write the decision; the database lets a step be decided once."""
    try:
        decision: Decision = Decision.objects.create(
            process=step.process,
            task=step,
            actor_id=actor.user_id,
            actor_name=actor.name,
            post_tenant_id=step.post_tenant_id,
            post_role=step.post_role,
            outcome=outcome,
            comment=comment,
            data=content,
        )
    except IntegrityError as error:
        raise StepClosed from error
    return decision


def auditable(content: dict[str, Any]) -> dict[str, Any]:
    """Return what the log keeps of an input: long texts only as their digest, for it is never erased."""
    return {
        name: f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
        if isinstance(value, str) and len(value) > LONG_TEXT
        else value
        for name, value in content.items()
    }
