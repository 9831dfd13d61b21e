"""Reset a forgotten password."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
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
from tenants.administration.create_account import NewAccount
from tenants.administration.locks import patiently
from tenants.administration.passwords import checked_password, new_password
from tenants.administration.sessions import end_sessions
from tenants.errors import NotAllowed
from tenants.models import User
from tenants.scope import administration_scope


def reset_password(user: User, *, password: str = "", actor: Actor | None) -> NewAccount:
    """Give an account a new password and end its sessions; return it, for the only time.

    A system administrator cannot become another administrator in this way: those passwords are reset by
    the operator. Raises NotAllowed, InvalidEntry.
    """
    post = require_account_post(actor, user, ACCOUNT_KEEPERS)
    if actor is not None and any(held.role in SEPARATED for held in posts_of(user)):
        raise NotAllowed(_("An administrator's password is reset at the command line only."))
    chosen = checked_password(password, user) if password else new_password()
    places, encoded = places_of(user), make_password(chosen)

    def act() -> None:
        with administration_scope(places[0]):
            User.objects.filter(pk=user.pk).update(password=encoded)
            changes = {"user": user.username}
            record_everywhere("account.password_reset", places, actor=actor, post=post, changes=changes)

    patiently(act)
    user.password = encoded
    end_sessions(user)
    return NewAccount(user, chosen)
