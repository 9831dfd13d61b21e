"""What holds for every post: who may give it, where it exists, who cannot hold it too."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from tenants.actors import Actor, Post
from tenants.administration.authority import ADMINISTRATORS, POST_KEEPERS, SEPARATED, in_period, require_post
from tenants.administration.case_work import case_work
from tenants.errors import InvalidEntry, NotAllowed, NotPossible
from tenants.models import Appointment, Level, Role, Tenant, User
from tenants.scope import side_of, wide_side_of

ROLES_AT: dict[Level, tuple[Role, ...]] = {
    Level.COMMUNITY: (Role.COMMUNITY_CLERK, Role.COMMUNITY_SECRETARY, *ADMINISTRATORS),
    Level.STREET: (Role.STREET_OFFICER, Role.STREET_LEADER, *ADMINISTRATORS),
    Level.DISTRICT: (Role.DISTRICT_REVIEWER, *ADMINISTRATORS),
    Level.CITY: ADMINISTRATORS,
}


def checked_role(tenant: Tenant, role: str) -> Role:
    """Return the role, which must exist at the tenant's level, or raise InvalidEntry."""
    roles = ROLES_AT[Level(tenant.level)]
    if role not in roles:
        details = {"tenant": tenant.name, "roles": ", ".join(roles)}
        raise InvalidEntry("role", _("At %(tenant)s there are these posts: %(roles)s.") % details)
    return Role(role)


def require_keeper(actor: Actor | None, tenant: Tenant, role: Role, *users: User) -> str:
    """Return the role by which the actor gives or takes this post, or raise NotAllowed.

    A tenant's own administrator gives its working posts, never an administrator's. Nobody does it to
    themselves.
    """
    own = () if role in ADMINISTRATORS else (Role.TENANT_ADMIN,)
    post = require_post(actor, tenant, POST_KEEPERS, own=own)
    if actor is not None and actor.user_id in {user.pk for user in users}:
        raise NotAllowed(_("Nobody gives a post to themselves or takes it from themselves."))
    return post


def require_free(user: User, role: Role, starts_on: date, ends_on: date | None) -> None:
    """Raise NotPossible if the person holds the post, or one that excludes it, during the period.

    Runs in the tenant's scope after `serialise_posts`.
    """
    held = Appointment.objects.filter(in_period(starts_on, ends_on), user=user)
    if held.filter(role=role).exists():
        details = {"name": user.full_name, "post": role.label}
        raise NotPossible(_("%(name)s holds the post “%(post)s” in this period already.") % details)
    if role not in SEPARATED:
        return
    other = held.filter(role__in=SEPARATED).first()
    if other is not None:
        details = {"name": user.full_name, "post": Role(other.role).label}
        message = _(
            "%(name)s is “%(post)s” here in this period. System, security and audit are administered by"
            " three different persons."
        )
        raise NotPossible(message % details)


def release_claims(user: User, tenant: Tenant, role: str, *, actor: Actor | None) -> int:
    """Inside an administration's scope, give what a person has claimed for a post back to it.

    A street's steps are in its communities' cases: each is released in its own tenant.
    """
    post = Post(tenant.pk, role)
    with wide_side_of(tenant):
        ids = case_work().tenants_with_claims(user.pk, post)
    released = 0
    for place in Tenant.objects.filter(pk__in=ids).order_by("pk"):
        with side_of(place):
            released += case_work().release_claims(user.pk, post, actor=actor)
    return released
