"""The security log of signing in: one JSON object a line, on the logger `lianxi.signin`.

The audit log belongs to a tenant, and nobody is in one yet while they sign in. Never a password: what was
typed as a user name is written down only if there is such an account, for people type passwords there.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from tenants.models import User
from tenants.request_id import current_request_id

LOGGER = logging.getLogger("lianxi.signin")
FAILURES = frozenset({"failed", "locked", "refused_while_locked", "second_factor_failed", "provider_refused"})


def record(event: str, request: HttpRequest, user: User | None = None, **details: Any) -> None:
    """Write one event down: what, who, from where, in which request."""
    entry = {
        "event": event,
        "user": user.pk if user else None,
        "username": user.username if user else None,
        "address": _address(request),
        "request": current_request_id(),
        **details,
    }
    level = logging.WARNING if event in FAILURES else logging.INFO
    LOGGER.log(level, json.dumps(entry, ensure_ascii=False))


def account_named(username: str) -> User | None:
    """Return the account with exactly this name, if there is one."""
    if "\0" in username:
        return None  # the database has no such text
    return User.objects.filter(username=username[:150]).first()


def _address(request: HttpRequest) -> str | None:
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None


SECOND_FACTOR_EVENTS = {
    "second_factor_added": authenticator_added,
    "second_factor_removed": authenticator_removed,
    "second_factor_reset": authenticator_reset,
    "second_factor_used": authenticator_used,
    "second_factor_failed": authentication_failed,
}


def listen() -> None:
    """Write down what happens to second factors; allauth tells of it by signals only."""
    for event, signal in SECOND_FACTOR_EVENTS.items():
        signal.connect(_recorder(event), weak=False, dispatch_uid=f"lianxi.{event}")


def _recorder(event: str) -> Any:
    def receive(*, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
        record(event, request, user, kind=str(authenticator.type))

    return receive
