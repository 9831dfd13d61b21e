"""Send a case back to its applicant."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from workflows.engine.steps import lock_step, record_decision, require_open
from workflows.errors import InvalidInput, NotAllowed
from workflows.models import Outcome, Task
from workflows.permissions import require_may_act


def send_back(case_id: int, step_id: int, *, actor: Actor, comment: str) -> Task:
    """Return the case for completion: the applicant corrects it and it walks its steps again.

    Arguments: `comment` lists everything that is missing, once. Raises NotFound, StepClosed, StepClaimed,
    NotAllowed where the step may not send back, InvalidInput without a comment.
    """
    step = lock_step(case_id, step_id)
    require_open(step)
    require_may_act(actor, step)
    if not step.flow_task.may_send_back:
        raise NotAllowed(_("This step cannot send the case back."))
    if not comment.strip():
        raise InvalidInput({"comment": [_("List everything that has to be corrected.")]})

    activation = step.flow_task.activation_class(step)
    step.owner_id, step.owner_name = actor.user_id, actor.name
    activation.close()
    record_decision(step, actor=actor, outcome=Outcome.RETURNED, comment=comment, content={})
    flow = step.process.flow_class
    flow.instance.node(flow.revision)._create(activation, step.token)

    trail.record(
        "case.sent_back",
        actor=actor,
        post=step.post_role,
        case_id=case_id,
        step_id=step_id,
        step=step.flow_task.name,
        changes={"outcome": [None, Outcome.RETURNED.value]},
    )
    return step
