"""Appoint a person to a post."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from tenants.administration.locks import serialise_posts
from tenants.administration.posts import checked_role, require_free, require_keeper
from tenants.errors import InvalidEntry, NotPossible
from tenants.models import Appointment, Tenant, User
from tenants.scope import tenant_scope


def appoint(
    tenant: Tenant,
    *,
    user: User,
    role: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
    actor: Actor | None,
) -> Appointment:
    """Give a person a post from one day (today) to another (until further notice), both included.

    A person may hold several posts, in several tenants. Raises NotAllowed, InvalidEntry, and NotPossible
    for a suspended account, a post that is held already, or two of the three separated administrators.
    """
    post = checked_role(tenant, role)
    keeper = require_keeper(actor, tenant, post, user)
    starts = starts_on or timezone.localdate()
    if ends_on is not None and ends_on < starts:
        raise InvalidEntry("ends_on", _("The last day is before the first."))
    if not user.is_active:
        raise NotPossible(_("The account of %(name)s is suspended.") % {"name": user.full_name})
    with tenant_scope(tenant):
        serialise_posts(tenant.pk)
        require_free(user, post, starts, ends_on)
        appointment: Appointment = Appointment.objects.create(
            user=user, role=post, starts_on=starts, ends_on=ends_on
        )
        changes = {
            "user": user.username,
            "role": post.value,
            "starts_on": starts.isoformat(),
            "ends_on": ends_on.isoformat() if ends_on else None,
        }
        trail.record("post.appointed", actor=actor, post=keeper, changes=changes)
    return appointment
