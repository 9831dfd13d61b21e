"""Fetching is checking: the edges obtain cases and steps here and nowhere else.

Another tenant's case answers exactly as a missing one does (NotFound); a case that may be seen but not
acted on raises NotAllowed with the reason.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from tenants.models import Role, Tenant
from workflows.errors import NotAllowed, NotFound, StepClaimed
from workflows.models import Process, Task

COMMUNITY_READERS = frozenset({Role.COMMUNITY_CLERK, Role.COMMUNITY_SECRETARY})
STREET_READERS = frozenset({Role.STREET_OFFICER, Role.STREET_LEADER})
DISTRICT_READERS = frozenset({Role.DISTRICT_REVIEWER})


def reading_posts(actor: Actor, tenant: Tenant) -> tuple[tuple[int, str], ...]:
    """Return the posts by which the actor may read the tenant's cases, nearest first."""
    places = (
        (tenant.pk, COMMUNITY_READERS | STREET_READERS | DISTRICT_READERS),
        (tenant.street_id, STREET_READERS),
        (tenant.district_id, DISTRICT_READERS),
    )
    return tuple((place, role) for place, roles in places for role in sorted(actor.roles_at(place) & roles))


def get_tenant(actor: Actor, slug: str) -> Tenant:
    """Return a tenant that the actor may enter; raise NotFound otherwise, as for one that is not there."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None or not reading_posts(actor, tenant):
        raise NotFound
    return tenant


def get_case(actor: Actor, tenant: Tenant, case_id: int) -> Process:
    """Return a case of the tenant whose scope is active, and leave a trace of a read from outside it."""
    posts = reading_posts(actor, tenant)
    case: Process | None = Process.objects.filter(pk=case_id).first() if posts else None
    if case is None:
        raise NotFound
    if posts[0][0] != tenant.pk:
        trail.record("case.read", actor=actor, post=posts[0][1], case_id=case.pk)
    return case


def refusal_to_act(actor: Actor, step: Task) -> NotAllowed | StepClaimed | None:
    """Return why the actor may not act in an open step, or None if they may."""
    node = step.flow_task
    if step.offered_to_id:
        if step.offered_to_id != actor.user_id:
            return NotAllowed(_("This step is for the person who started the case."))
    elif not actor.holds(step.post_tenant_id or 0, step.post_role):
        post = Role(step.post_role).label
        return NotAllowed(_("This step is for the post “%(post)s”, which you do not hold.") % {"post": post})
    if node.recuses_applicant and step.process.applicant_id == actor.user_id:
        return NotAllowed(_("You started this case, so somebody else must decide here (recusal)."))
    if step.owner_id and step.owner_id != actor.user_id:
        return StepClaimed(step.owner_name)
    return None


def require_may_act(actor: Actor, step: Task) -> None:
    """Raise the reason why the actor may not act in the step, if there is one."""
    refusal = refusal_to_act(actor, step)
    if refusal is not None:
        raise refusal
