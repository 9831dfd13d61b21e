"""Remove the second factor of a person who has lost telephone and recovery codes."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.administration.accounts import record_everywhere
from tenants.administration.authority import (
    ACCOUNT_KEEPERS,
    SEPARATED,
    places_of,
    posts_of,
    require_account_post,
)
from tenants.administration.locks import patiently
from tenants.administration.sessions import end_sessions
from tenants.errors import NotAllowed, NotPossible
from tenants.models import User
from tenants.scope import administration_scope


def remove_second_factor(user: User, *, actor: Actor | None) -> None:
    """Let a person sign in with their password alone, until they activate a second factor anew.

    An administrator's is removed by the operator only. Raises NotAllowed, and NotPossible if there is none.
    """
    post = require_account_post(actor, user, ACCOUNT_KEEPERS)
    if actor is not None and any(held.role in SEPARATED for held in posts_of(user)):
        raise NotAllowed(_("An administrator's second factor is removed at the command line only."))
    places = places_of(user)

    def act() -> None:
        with administration_scope(places[0]):
            deleted, _by_model = Authenticator.objects.filter(user_id=user.pk).delete()
            if not deleted:
                raise NotPossible(_("%(name)s has no second factor.") % {"name": user.full_name})
            changes = {"user": user.username}
            record_everywhere(
                "account.second_factor_removed", places, actor=actor, post=post, changes=changes
            )

    patiently(act)
    end_sessions(user)
