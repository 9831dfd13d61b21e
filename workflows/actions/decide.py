"""Decide a step: submit its form, agree or disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from workflows.engine.inputs import StepInput
from workflows.engine.steps import auditable, data_key, lock_step, record_decision, require_open, step_form
from workflows.errors import InvalidInput
from workflows.models import Outcome, Task
from workflows.permissions import require_may_act


def decide(
    case_id: int,
    step_id: int,
    *,
    actor: Actor,
    outcome: str = "",
    comment: str = "",
    data: Mapping[str, Any] | None = None,
) -> Task:
    """Decide a step of a case and move the case on.

    Arguments: `outcome` is "agreed" or "disagreed" where the step asks for an opinion, and empty where
    its form decides; `data` is the input of the step's form. Disagreeing needs a comment.
    Raises NotFound, StepClosed, StepClaimed, NotAllowed or InvalidInput; then nothing has changed.
    """
    step = lock_step(case_id, step_id)
    require_open(step)
    require_may_act(actor, step)
    form = step_form(step, data or {}).accepted()
    result = _result(step, form, outcome, comment)

    case, key, content = step.process, data_key(step.flow_task), form.content()
    before = case.data.get(key, {})
    case.data[key] = {**content, "outcome": result.value}
    if step.flow_task.form is case.flow_class.instance.node("start").form:
        case.flow_class.summarise(case, content)
    case.save()
    activation = step.flow_task.activation_class(step)
    activation.decide(actor)
    record_decision(step, actor=actor, outcome=result, comment=comment, content=content)

    trail.record(
        "step.decided",
        actor=actor,
        post=step.post_role,
        case_id=case_id,
        step_id=step_id,
        step=step.flow_task.name,
        changes={"outcome": [None, result.value], **_changes(auditable(before), auditable(content))},
    )
    activation.activate_next()
    return step


def _result(step: Task, form: StepInput, outcome: str, comment: str) -> Outcome:
    asked: tuple[Outcome, ...] = step.flow_task.outcomes
    if asked == (Outcome.SUBMITTED,):
        return form.outcome()
    if outcome not in asked:
        raise InvalidInput({"outcome": [_("Choose whether you agree or disagree.")]})
    if outcome == Outcome.DISAGREED and not comment.strip():
        raise InvalidInput({"comment": [_("Say why you disagree.")]})
    return Outcome(outcome)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
