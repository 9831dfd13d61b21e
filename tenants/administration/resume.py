"""Resume a suspended account."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.administration.accounts import record_everywhere
from tenants.administration.authority import POST_KEEPERS, places_of, require_account_post
from tenants.administration.locks import patiently
from tenants.administration.sessions import end_sessions
from tenants.errors import NotPossible
from tenants.models import User
from tenants.scope import administration_scope


def resume(user: User, *, actor: Actor | None) -> User:
    """Let a suspended person sign in again; old sessions stay ended.

    Raises NotAllowed, and NotPossible if the account is not suspended.
    """
    post = require_account_post(actor, user, POST_KEEPERS)
    places = places_of(user)
    end_sessions(user)

    def act() -> None:
        with administration_scope(places[0]):
            if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
                raise NotPossible(_("The account of %(name)s is not suspended.") % {"name": user.full_name})
            changes = {"user": user.username}
            record_everywhere("account.resumed", places, actor=actor, post=post, changes=changes)

    patiently(act)
    user.is_active = True
    return user
