"""Suspend an account."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.administration.accounts import record_everywhere
from tenants.administration.authority import POST_KEEPERS, places_of, posts_of, require_account_post
from tenants.administration.locks import patiently
from tenants.administration.posts import release_claims
from tenants.administration.sessions import end_sessions
from tenants.errors import InvalidEntry, NotPossible
from tenants.models import User
from tenants.scope import administration_scope


@dataclass(frozen=True)
class Suspended:
    """What a suspension ended: sessions, and claims on steps, which went back to their posts."""

    user: User
    sessions: int
    released: int


def suspend(user: User, *, reason: str, actor: Actor | None) -> Suspended:
    """Lock a person out at once: sessions, log-in and machine tokens. Posts and history stay.

    Raises NotAllowed, InvalidEntry without a reason, NotPossible if the account is suspended already.
    """
    post = require_account_post(actor, user, POST_KEEPERS)
    why = reason.strip()
    if not why:
        raise InvalidEntry("reason", _("Say why."))
    places, posts = places_of(user), posts_of(user)

    def act() -> int:
        with administration_scope(places[0]):
            if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
                raise NotPossible(
                    _("The account of %(name)s is suspended already.") % {"name": user.full_name}
                )
            changes = {"user": user.username, "reason": why}
            record_everywhere("account.suspended", places, actor=actor, post=post, changes=changes)
            tenants = {tenant.pk: tenant for tenant in places}
            return sum(release_claims(user, tenants[p.tenant_id], p.role, actor=actor) for p in posts)

    released = patiently(act)
    user.is_active = False
    # An inactive account's sessions are dead already; deleted, they don't come back with it either.
    return Suspended(user, end_sessions(user), released)
