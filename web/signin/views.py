"""The pages of signing in: allauth's views with our templates and our records."""

from __future__ import annotations

from typing import Any, cast

from allauth.account import views as account_views
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as DONE
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.totp import views as totp_views
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.openid_connect import views as provider_views
from django.conf import settings
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from requests import RequestException

from tenants.models import User
from web.forms import problems_of
from web.signin.log import record
from web.signin.marks import ACTIVATED, PASSWORD_TO_CHANGE
from web.signin.rules import needs_second_factor


class FormPage:
    """Add to a form's page the summary of its problems, and where it leads on to."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        problems = problems_of(context["form"])
        return {**context, "problems": problems, "next": context.get("redirect_field_value") or ""}


class SignIn(FormPage, account_views.LoginView):
    """Ask for user name and password, or lead to the OpenID provider."""

    template_name = "login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", ())
        names = [app["name"] for app in apps]
        return {**super().get_context_data(**kwargs), "provider": names[0] if names else ""}


class SignOut(LogoutView):
    """Sign out, by POST only."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(request.user, User):
            record("signed_out", request, request.user)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


@method_decorator(never_cache, name="dispatch")
class PasswordAgain(FormPage, account_views.ReauthenticateView):
    """Ask for the password once more."""


@method_decorator(never_cache, name="dispatch")
class ChangePassword(FormPage, account_views.PasswordChangeView):
    """Change the person's own password; their other sessions end."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        why = self.request.session.get(PASSWORD_TO_CHANGE)
        return {**super().get_context_data(**kwargs), "why": why}


class SecondFactor(FormPage, mfa_views.AuthenticateView):
    """Ask for a code, between the password and the first page."""

    def _build_forms(self) -> Any:
        if self.request.method == "POST" and "code" not in self.request.POST:
            # allauth would take it for an answer of a security key.
            self.request.POST = self.request.POST.copy()
            self.request.POST["code"] = ""
        return super()._build_forms()


@method_decorator(never_cache, name="dispatch")
class CodeAgain(FormPage, mfa_views.ReauthenticateView):
    """Ask for a code once more."""


@method_decorator(never_cache, name="dispatch")
class Overview(mfa_views.IndexView):
    """Show whether the second factor is active."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        codes = context["authenticators"].get("recovery_codes")
        left = len(codes.get_unused_codes()) if codes else 0
        return {
            **context,
            "active": "totp" in context["authenticators"],
            "codes_left": left,
            "demanded": needs_second_factor(self.request.actor),
        }


@method_decorator(never_cache, name="dispatch")
class Activate(FormPage, totp_views.ActivateTOTPView):
    """Show the secret of a new second factor and take the first code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        secret = context["form"].secret
        groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        return {**context, "groups": groups, "demanded": needs_second_factor(self.request.actor)}

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        # The code that has just been typed counts for this session; the next one will be asked for it.
        self.request.session[ACTIVATED] = True
        return response


@method_decorator(never_cache, name="dispatch")
class Deactivate(FormPage, totp_views.DeactivateTOTPView):
    """Remove the second factor; whom a post demands it of has to activate another one at once."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "demanded": needs_second_factor(self.request.actor)}

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        session = self.request.session
        session.pop(ACTIVATED, None)
        session[DONE] = [done for done in session.get(DONE, []) if done["method"] != "mfa"]
        return response


@method_decorator(never_cache, name="dispatch")
class RecoveryCodes(code_views.ViewRecoveryCodesView):
    """Show the recovery codes, once."""


@method_decorator(never_cache, name="dispatch")
class NewRecoveryCodes(FormPage, code_views.GenerateRecoveryCodesView):
    """Make new recovery codes; the old ones are worth nothing from then on."""


@never_cache
def to_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the OpenID provider."""
    try:
        return cast("HttpResponse", provider_views.login(request, provider_id))
    except RequestException as error:  # allauth catches it only on the way back
        return cast("HttpResponse", render_authentication_error(request, None, exception=error))


@never_cache
def from_provider(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take up who comes back from the OpenID provider."""
    return cast("HttpResponse", provider_views.callback(request, provider_id))
