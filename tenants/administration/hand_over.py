"""Hand a post over from one person to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from tenants.administration.end_post import cut_short
from tenants.administration.locks import patiently, serialise_posts
from tenants.administration.posts import checked_role, release_claims, require_free, require_keeper
from tenants.errors import InvalidEntry, NotPossible
from tenants.models import Appointment, Role, Tenant, User
from tenants.scope import administration_scope, side_of


@dataclass(frozen=True)
class HandedOver:
    """Both appointments, which meet without a gap, and how many claimed steps went back to the post."""

    old: Appointment
    new: Appointment
    released: int


def hand_over(
    tenant: Tenant, *, role: str, leaver: User, successor: User, last_day: date, actor: Actor | None
) -> HandedOver:
    """End one person's post on a day and begin another's on the next.

    What the leaver has claimed goes back to the post, so that nothing waits for somebody who is gone.
    Raises NotAllowed, InvalidEntry for one and the same person, NotPossible if the leaver does not hold
    the post on the day or the successor cannot.
    """
    post = checked_role(tenant, role)
    keeper = require_keeper(actor, tenant, post, leaver, successor)
    if leaver.pk == successor.pk:
        raise InvalidEntry("successor", _("Leaver and successor are the same person."))
    if not successor.is_active:
        raise NotPossible(_("The account of %(name)s is suspended.") % {"name": successor.full_name})

    def act() -> HandedOver:
        with administration_scope(tenant):
            with side_of(tenant):
                serialise_posts(tenant.pk)
                old, new = _exchange(post, leaver, successor, last_day)
                changes = {
                    "role": post.value,
                    "user": [leaver.username, successor.username],
                    "last_day": last_day.isoformat(),
                }
                trail.record("post.handed_over", actor=actor, post=keeper, changes=changes)
            return HandedOver(old, new, release_claims(leaver, tenant, post, actor=actor))

    return patiently(act)


def _exchange(role: Role, leaver: User, successor: User, last_day: date) -> tuple[Appointment, Appointment]:
    old, was_to_end_on = cut_short(leaver, role, last_day)
    first_day = last_day + timedelta(days=1)
    require_free(successor, role, first_day, was_to_end_on)
    new: Appointment = Appointment.objects.create(
        user=successor, role=role, starts_on=first_day, ends_on=was_to_end_on
    )
    return old, new
