"""Our answers to allauth's questions: who may sign in, when not, how secrets are kept."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context, ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.models import User
from tenants.password_history import choose_password
from web.signin.log import account_named, record
from web.signin.marks import PASSWORD_TO_CHANGE

MESSAGES = {
    "account/messages/password_changed.txt": gettext_lazy("Your password has been changed."),
    "mfa/messages/totp_activated.txt": gettext_lazy("The second factor is active."),
    "mfa/messages/totp_deactivated.txt": gettext_lazy("The second factor is off."),
}
"""What allauth may say in a message; the rest the pages say themselves."""


class AccountAdapter(DefaultAccountAdapter):
    """Accounts with a user name and a password, locked for a while after failures."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": gettext_lazy("The user name or the password is wrong."),
        "incorrect_password": gettext_lazy("The password is wrong."),
        "enter_current_password": gettext_lazy("The password is wrong."),
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        if code in ("too_many_login_attempts", "rate_limited"):
            message = _("Too many failed attempts. Wait %(minutes)s minutes, then try again.")
            return ValidationError(message % {"minutes": settings.SIGN_IN_LOCK_MINUTES}, code=code)
        refused: ValidationError = super().validation_error(code, *args)
        return refused

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return redirect("login")

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        said = message or MESSAGES.get(message_template or "")
        if said:
            super().add_message(request, level, extra_tags=extra_tags, message=str(said))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse a locked account; count this attempt as a failure until it has succeeded."""
        try:
            if cache.get(self._lock_key(request, **credentials)):
                raise self.validation_error("too_many_login_attempts")
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            record("refused_while_locked", request, account_named(credentials["username"]))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Lock the account for this address if that was one failure too many.

        allauth forgets each failure after a while of its own, so it alone would open again early.
        """
        user = account_named(credentials["username"])
        record("failed", request, user)
        key = self._get_login_attempts_cache_key(request, **credentials)
        if not ratelimit.consume(request, action="login_failed", key=key, dry_run=True):
            lasting = settings.SIGN_IN_LOCK_MINUTES * 60
            cache.set(self._lock_key(request, **credentials), value=True, timeout=lasting)
            record("locked", request, user)

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        methods = [str(done["method"]) for done in get_authentication_records(request, user)]
        record("signed_in", request, user, by=methods)

    def set_password(self, user: User, password: str) -> None:
        choose_password(user, password)
        context.request.session.pop(PASSWORD_TO_CHANGE, None)
        record("password_changed", context.request, user)

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask again who is there, unless they have said so a moment ago by signing in."""
        request = context.request
        done = [each["at"] for each in get_authentication_records(request, request.user)]
        if done and timezone.now().timestamp() - max(done) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failures by account and address: a stranger elsewhere cannot lock a person out."""
        return f"{self.get_client_ip(request)} {credentials['username'].strip().lower()}"

    def _lock_key(self, request: HttpRequest, **credentials: Any) -> str:
        key = self._get_login_attempts_cache_key(request, **credentials)
        return f"lianxi.locked.{sha256(key.encode()).hexdigest()}"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors whose secrets are stored encrypted."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("The code is wrong, or it has been used already."),
    }

    def get_totp_label(self, user: User) -> str:
        return user.username

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """Return the cipher for second factors; its keys follow Django's secret keys, old ones included."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    keys = [sha256(b"lianxi.second-factor:" + force_bytes(secret)).digest() for secret in secrets]
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Sign in those whom the OpenID provider knows by the user name of an account that exists here."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        request.session.pop(PASSWORD_TO_CHANGE, None)
        claims = sociallogin.account.extra_data
        said, token = claims.get("userinfo") or {}, claims.get("id_token") or {}
        if said and token and said.get("sub") != token.get("sub"):
            self._refuse(request, reason="subject")
        claim = sociallogin.provider.app.settings["username_claim"]
        username = said.get(claim) or token.get(claim)
        user = account_named(username) if isinstance(username, str) else None
        if user is None or not user.is_active:
            self._refuse(request, user, reason="no account")
        sociallogin.user = user

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        self._refuse(request, reason=f"{error or ''} {type(exception).__name__ if exception else ''}".strip())

    def _refuse(self, request: HttpRequest, user: User | None = None, *, reason: str) -> None:
        record("provider_refused", request, user, reason=reason)
        page = {
            "title": _("You are not signed in"),
            "message": _("Your organisation's account does not open an account here."),
            "advice": _("Ask your administrator whether you have an account, or sign in with a password."),
            "back": reverse("login"),
            "back_to": _("Back to signing in"),
        }
        raise ImmediateHttpResponse(render(request, "refusal.html", page, status=403))
