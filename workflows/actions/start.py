"""Start a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants import trail
from tenants.actors import Actor
from tenants.models import Appointment, Role, Tenant
from tenants.scope import active_scope
from workflows.engine.activations import StartActivation
from workflows.engine.flow import CaseFlow
from workflows.engine.numbers import next_number
from workflows.engine.steps import auditable, data_key, record_decision
from workflows.errors import NotAllowed
from workflows.models import Outcome, Process, Task
from workflows.parameters import effective_parameters

ONLY_REVIEWER = gettext_lazy(
    "You alone hold the post “%(post)s”, which reviews this case: let somebody else start it."
)


def start(flow: type[CaseFlow], *, actor: Actor, data: Mapping[str, Any]) -> Process:
    """Open a case of `flow` in the active tenant with the input of its first form.

    Raises NotAllowed without a post that may start it, InvalidInput naming the fields that are wrong.
    """
    node = flow.instance.node("start")
    post = starting_post(flow, actor)
    today = timezone.localdate()
    number = next_number(flow.code, today.year)

    case = new_case(flow, actor)
    form = node.form(data, case=case, today=today).accepted()
    content = form.content()

    case.number = f"{flow.number_prefix}-{today.year}-{number:04d}"
    case.data = {data_key(node): content}
    flow.summarise(case, content)
    case.save()
    _require_open_tenant()
    step = _opening_step(case, node, actor, post)
    activation = StartActivation(step)
    activation.complete()
    record_decision(step, actor=actor, outcome=Outcome.SUBMITTED, comment="", content=content)

    trail.record(
        "case.started",
        actor=actor,
        post=post,
        case_id=case.pk,
        step_id=step.pk,
        step=node.name,
        changes={"number": case.number, **auditable(content)},
    )
    activation.activate_next()
    return case


def starting_post(flow: type[CaseFlow], actor: Actor) -> str:
    """Return the actor's role here that may start the flow; raise NotAllowed if there is none.

    Nor may a case be started that nobody but its applicant could review.
    """
    held = actor.roles_at(active_scope().tenant_id)
    for role in flow.instance.node("start").roles:
        if role in held:
            _require_other_reviewers(flow, actor)
            return str(role)
    raise NotAllowed(_("None of your posts here may start this kind of case."))


def _require_other_reviewers(flow: type[CaseFlow], actor: Actor) -> None:
    """Refuse a case that nobody but its applicant could review: it would be stuck (回避)."""
    tenant_id = active_scope().tenant_id
    today = timezone.localdate()
    for node in flow.instance.nodes():
        if not getattr(node, "recuses_applicant", False):
            continue
        for role in (post.role for post in node.posts if post.levels_up == 0):
            if not actor.holds(tenant_id, role):
                continue
            current = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
            others = Appointment.objects.filter(current, role=role, starts_on__lte=today)
            if not others.exclude(user_id=actor.user_id).exists():
                raise NotAllowed(str(ONLY_REVIEWER) % {"post": Role(role).label})


def _require_open_tenant() -> None:
    """Refuse a closed tenant, once the case is saved: whoever closes it now waits and counts this case."""
    if not Tenant.objects.filter(pk=active_scope().tenant_id, closed_on=None).exists():
        raise NotAllowed(_("This tenant is closed: nothing is started here any more."))


def new_case(flow: type[CaseFlow], actor: Actor) -> Process:
    """Return an unsaved case with the parameters it would be accepted under now."""
    return Process(
        flow_class=flow,
        applicant_id=actor.user_id,
        applicant_name=actor.name,
        parameters=effective_parameters(flow, active_scope().tenant_id, timezone.localdate()),
    )


def _opening_step(case: Process, node: Any, actor: Actor, post: str) -> Task:
    return Task(
        process=case,
        flow_task=node,
        owner_id=actor.user_id,
        owner_name=actor.name,
        post_tenant_id=active_scope().tenant_id,
        post_role=post,
        started=timezone.now(),
    )
