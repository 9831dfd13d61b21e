"""What stands between a session and every page: it ends in time, and it owes nothing.

Every page is meant that is not named here, those that are still to be written too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from tenants.actors import Actor, actor_for
from tenants.models import User
from tenants.request_id import current_request_id
from web.signin.log import record
from web.signin.marks import ACTIVATED, HELD_A_POST, PASSWORD_TO_CHANGE, SEEN_AT, SIGNED_IN_AT
from web.signin.rules import idle_limit, longest_session, needs_second_factor

FOR_EVERYBODY = frozenset(
    {"login", "account_login", "logout", "set_language", "healthz", "readyz", "graphql"}
)
"""Pages that ask for no session; `graphql` takes tokens only."""

TO_SETTLE_DEBTS = frozenset(
    {
        "account_change_password",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_view_recovery_codes",
    }
)
"""Where a password is changed and a second factor activated; nothing of a tenant is shown there."""

NOTICED_EVERY = 30
"""Seconds: a page within them doesn't write into the session again that the person was here."""


class SignInMiddleware:
    """End sessions that have lasted too long, and send people who owe something to where they settle it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, arguments: Any, named: Any
    ) -> HttpResponse | None:
        page = request.resolver_match.url_name if request.resolver_match else None
        if page in FOR_EVERYBODY or not request.user.is_authenticated:
            return None
        user = request.user
        actor = actor_for(user, request_id=current_request_id())
        request.actor = actor  # type: ignore[attr-defined]
        ended = _ended(request, user, actor)
        if ended is not None:
            return ended
        return None if page in TO_SETTLE_DEBTS else _debt(request, user, actor)


def _ended(request: HttpRequest, user: User, actor: Actor) -> HttpResponse | None:
    """Sign the person out if their time is up or their last post has ended, or notice that they are here."""
    session, now = request.session, timezone.now().timestamp()
    signed_in, seen = session.setdefault(SIGNED_IN_AT, now), session.get(SEEN_AT, now)
    if now - signed_in > longest_session().total_seconds():
        text = _("You have been signed out after %(hours)s hours. Please sign in again.")
        return _sign_out(request, user, "age", text % {"hours": settings.SESSION_HOURS})
    if now - seen > idle_limit(actor).total_seconds():
        minutes = int(idle_limit(actor).total_seconds()) // 60
        text = _("You have been signed out after %(minutes)s minutes without activity.")
        return _sign_out(request, user, "idle", text % {"minutes": minutes})
    if session.get(HELD_A_POST) and not actor.posts:
        record("session_ended", request, user, reason="no post")
        logout(request)
        return render(request, "account/no_post.html", status=403)
    if actor.posts and not session.get(HELD_A_POST):
        session[HELD_A_POST] = True
    if SEEN_AT not in session or now - seen > NOTICED_EVERY:
        session[SEEN_AT] = now
    return None


def _sign_out(request: HttpRequest, user: User, reason: str, text: str) -> HttpResponse:
    record("session_ended", request, user, reason=reason)
    logout(request)
    messages.info(request, text)
    return redirect_to_login(_way_back(request))


def _debt(request: HttpRequest, user: User, actor: Actor) -> HttpResponse | None:
    """Return the way to what the person has to do first, if anything."""
    if PASSWORD_TO_CHANGE in request.session:
        return _first(request, "account_change_password")
    if needs_second_factor(actor) and not _passed(request, user):
        return _first(
            request, "mfa_reauthenticate" if is_mfa_enabled(user, ["totp"]) else "mfa_activate_totp"
        )
    return None


def _passed(request: HttpRequest, user: User) -> bool:
    if request.session.get(ACTIVATED):
        return True
    return any(done["method"] == "mfa" for done in get_authentication_records(request, user))


def _first(request: HttpRequest, page: str) -> HttpResponse:
    return redirect(f"{reverse(page)}?{urlencode({'next': _way_back(request)})}")


def _way_back(request: HttpRequest) -> str:
    # An address that only takes POST would answer the browser's GET afterwards with an error.
    return request.get_full_path() if request.method == "GET" else reverse("home")
