"""End a person's post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from tenants.administration.locks import patiently, serialise_posts
from tenants.administration.posts import checked_role, release_claims, require_keeper
from tenants.errors import NotPossible
from tenants.models import Appointment, Role, Tenant, User
from tenants.scope import administration_scope, side_of


@dataclass(frozen=True)
class Ended:
    """What the end of a post did: how many claimed steps went back to it."""

    appointment: Appointment
    released: int


def end_post(tenant: Tenant, *, user: User, role: str, ends_on: date, actor: Actor | None) -> Ended:
    """Let a person hold a post up to and including a day; what they have claimed goes back to the post.

    Raises NotAllowed, and NotPossible if the person does not hold it on that day.
    """
    post = checked_role(tenant, role)
    keeper = require_keeper(actor, tenant, post, user)

    def act() -> Ended:
        with administration_scope(tenant):
            with side_of(tenant):
                serialise_posts(tenant.pk)
                appointment, before = cut_short(user, post, ends_on)
                changes = {
                    "user": user.username,
                    "role": post.value,
                    "ends_on": [before.isoformat() if before else None, ends_on.isoformat()],
                }
                trail.record("post.ended", actor=actor, post=keeper, changes=changes)
            return Ended(appointment, release_claims(user, tenant, post, actor=actor))

    return patiently(act)


def cut_short(user: User, role: Role, ends_on: date) -> tuple[Appointment, date | None]:
    """Make a day the last one of the person's post; return the appointment and its last day before."""
    lasts = Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on)
    held = Appointment.objects.filter(lasts, user=user, role=role, starts_on__lte=ends_on)
    appointment: Appointment | None = held.select_for_update().first()
    if appointment is None:
        details = {"name": user.full_name, "post": role.label, "day": ends_on.isoformat()}
        raise NotPossible(_("%(name)s does not hold the post “%(post)s” beyond %(day)s.") % details)
    before = appointment.ends_on
    appointment.ends_on = ends_on
    appointment.save()
    return appointment, before
