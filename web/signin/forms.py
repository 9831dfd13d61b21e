"""The forms of signing in: allauth's, in our words and with our fields."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from tenants.models import User
from tenants.password_history import is_given, is_too_old
from web.forms import prepared
from web.signin.marks import PASSWORD_TO_CHANGE


class SignInForm(account_forms.LoginForm):
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        username = forms.CharField(
            label=_("User name"),
            max_length=150,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        )
        self.fields = {"username": username, "password": _password(_("Password"), "current-password")}
        prepared(self)

    def clean(self) -> dict[str, Any]:
        if not self.errors:
            self.cleaned_data["login"] = self.cleaned_data["username"]
        return dict(super().clean())

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        _note_password(request, self.user, self.cleaned_data["password"])
        response: HttpResponse = super().login(request, redirect_url=redirect_url)
        return response


def _note_password(request: HttpRequest, user: User, typed: str) -> None:
    """Remember whether the password, known in clear only now, has to be changed."""
    request.session.pop(PASSWORD_TO_CHANGE, None)
    if settings.REQUIRE_OWN_PASSWORD and is_given(user, typed):
        request.session[PASSWORD_TO_CHANGE] = "given"
    elif is_too_old(user):
        request.session[PASSWORD_TO_CHANGE] = "old"


class PasswordAgainForm(account_forms.ReauthenticateForm):
    """The password once more, before something that needs it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = _password(_("Password"), "current-password")
        prepared(self)


class ChangePasswordForm(account_forms.ChangePasswordForm):
    """The old password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (
            ("oldpassword", _("Present password")),
            ("password1", _("New password")),
            ("password2", _("New password once more")),
        ):
            field = self.fields[name]
            field.label, field.help_text = label, ""
            field.widget.attrs.pop("placeholder", None)
        self.fields["password1"].help_text = _(
            "At least %(length)s characters; %(classes)s of these: small letters, capital letters, digits,"
            " other characters; none of your last %(history)s passwords."
        ) % {
            "length": settings.PASSWORD_MIN_LENGTH,
            "classes": settings.PASSWORD_CLASSES,
            "history": settings.PASSWORD_HISTORY,
        }
        prepared(self)


def _password(label: Any, autocomplete: str) -> forms.CharField:
    # Left as typed: blanks at its ends belong to a password.
    return forms.CharField(
        label=label, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": autocomplete})
    )


def _code(label: Any) -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attrs=attributes))


class CodeField:
    """A code that opens once, for as long as it could open at all."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {"code": _code(_("Code"))}
        prepared(self)  # type: ignore[type-var]

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        # allauth forgets after one period that a code was used, while the tolerance accepts it for three.
        lasting = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
        digits = "".join(filter(str.isdigit, code))
        if not cache.add(f"lianxi.code.{self.user.pk}.{digits}", value=True, timeout=lasting):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(CodeField, mfa_forms.AuthenticateForm):
    """A code of the second factor, or a recovery code."""


class CodeAgainForm(CodeField, mfa_forms.ReauthenticateForm):
    """A code once more, before something that needs it."""


class ActivateForm(ActivateTOTPForm):
    """The first code, which proves that the secret has arrived."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code(_("Code that the app shows"))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"
        prepared(self)
