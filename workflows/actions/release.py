"""Release a claimed step."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from workflows.engine.steps import lock_step, require_open
from workflows.errors import NotAllowed
from workflows.models import Task


def release(case_id: int, step_id: int, *, actor: Actor) -> Task:
    """Give a claimed step back to its post. Raises NotFound, StepClosed or NotAllowed."""
    step = lock_step(case_id, step_id)
    require_open(step)
    if step.owner_id != actor.user_id:
        raise NotAllowed(_("Only the person who claimed this step can release it."))
    step.flow_task.activation_class(step).release()
    trail.record(
        "step.released",
        actor=actor,
        post=step.post_role,
        case_id=case_id,
        step_id=step_id,
        step=step.flow_task.name,
        changes={"owner": [actor.name, None]},
    )
    return step
