"""Create a person's account."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError
from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from tenants.administration.authority import ACCOUNT_KEEPERS, require_post
from tenants.administration.names import checked_name, checked_username
from tenants.administration.passwords import checked_password, new_password
from tenants.errors import InvalidEntry
from tenants.models import Tenant, User
from tenants.scope import administration_scope, side_of


@dataclass(frozen=True)
class NewAccount:
    """An account and its first password, which is stored nowhere and shown once."""

    user: User
    password: str


def create_account(
    tenant: Tenant, *, username: str, full_name: str, password: str = "", actor: Actor | None
) -> NewAccount:
    """Create an account for a person who is going to work at the tenant, whose log keeps it.

    The account may do nothing yet: rights come with a post. Raises NotAllowed, InvalidEntry.
    """
    post = require_post(actor, tenant, ACCOUNT_KEEPERS)
    user = User(username=checked_username(username), full_name=checked_name(full_name, field="full_name"))
    chosen = checked_password(password, user) if password else new_password()
    user.password = make_password(chosen)
    try:
        with administration_scope(tenant):
            user.save(force_insert=True)
            with side_of(tenant):
                changes = {"user": user.username, "full_name": user.full_name}
                trail.record("account.created", actor=actor, post=post, changes=changes)
    except IntegrityError as error:
        message = _("Somebody has the user name “%(username)s” already.")
        raise InvalidEntry("username", message % {"username": user.username}) from error
    return NewAccount(user, chosen)
