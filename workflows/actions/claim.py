"""Claim a step."""

from __future__ import annotations

from tenants import trail
from tenants.actors import Actor
from workflows.engine.steps import lock_step, require_open
from workflows.models import Task
from workflows.permissions import require_may_act


def claim(case_id: int, step_id: int, *, actor: Actor) -> Task:
    """Take a step that is offered to a post, so that the post's other holders leave it alone.

    Raises NotFound, StepClosed, StepClaimed or NotAllowed. Claiming what one already has changes nothing.
    """
    step = lock_step(case_id, step_id)
    require_open(step)
    require_may_act(actor, step)
    if step.owner_id == actor.user_id:
        return step
    step.flow_task.activation_class(step).claim(actor)
    trail.record(
        "step.claimed",
        actor=actor,
        post=step.post_role,
        case_id=case_id,
        step_id=step_id,
        step=step.flow_task.name,
        changes={"owner": [None, actor.name]},
    )
    return step
