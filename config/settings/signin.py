"""Signing in: passwords, locks, sessions, the second factor and an OpenID provider.

The defaults are the security baseline; the environment may change each of them, for which see
docs/reference/sign-in-settings.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.environment import number, switch

AUTH_USER_MODEL = "tenants.User"
# Django's own: it refuses a suspended account as it refuses a wrong password, and in the same time.
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Passwords.
PASSWORD_MIN_LENGTH = number("LIANXI_PASSWORD_MIN_LENGTH", 10, least=8)
PASSWORD_CLASSES = number("LIANXI_PASSWORD_CLASSES", 3)
PASSWORD_HISTORY = number("LIANXI_PASSWORD_HISTORY", 5)
PASSWORD_MAX_AGE_DAYS = number("LIANXI_PASSWORD_MAX_AGE_DAYS", 90)
REQUIRE_OWN_PASSWORD = switch("LIANXI_REQUIRE_OWN_PASSWORD", default=True)
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "tenants.password_rules.LongEnough", "OPTIONS": {"least": PASSWORD_MIN_LENGTH}},
    {"NAME": "tenants.password_rules.EnoughClasses", "OPTIONS": {"least": PASSWORD_CLASSES}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "tenants.password_rules.NotUsedLately"},
]

# Failed attempts. The counts are kept in the cache, which every process of the site shares.
SIGN_IN_FAILURES = number("LIANXI_SIGN_IN_FAILURES", 5)
SIGN_IN_LOCK_MINUTES = number("LIANXI_SIGN_IN_LOCK_MINUTES", 15)
SIGN_INS_PER_MINUTE = number("LIANXI_SIGN_INS_PER_MINUTE", 60)
CACHES = {
    "default": {
        # In the database: shared by processes and machines, and `add` is atomic there, which a file's is not.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "lianxi_cache",
        # More than one attacker fills in the time of a lock; beyond it live entries would be thrown away.
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = number("LIANXI_PROXIES", 0, least=0)

# Sessions.
SESSION_HOURS = number("LIANXI_SESSION_HOURS", 8)
IDLE_MINUTES = number("LIANXI_IDLE_MINUTES", 15)
IDLE_MINUTES_ADMIN = number("LIANXI_IDLE_MINUTES_ADMIN", 10)
SESSION_COOKIE_AGE = SESSION_HOURS * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# The second factor.
REQUIRE_SECOND_FACTOR = switch("LIANXI_REQUIRE_SECOND_FACTOR", default=True)
MFA_ADAPTER = "web.signin.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # there is no e-mail address here
MFA_TOTP_ISSUER = "Lianxi"
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute out
MFA_FORMS = {
    "authenticate": "web.signin.forms.CodeForm",
    "reauthenticate": "web.signin.forms.CodeAgainForm",
    "activate_totp": "web.signin.forms.ActivateForm",
}

# allauth: user names only, accounts are made by administrators.
ACCOUNT_ADAPTER = "web.signin.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
ACCOUNT_RATE_LIMITS = {
    "login": f"{SIGN_INS_PER_MINUTE}/m/ip",
    "login_failed": f"{SIGN_IN_FAILURES}/{SIGN_IN_LOCK_MINUTES}m/key",
    "change_password": f"{SIGN_IN_FAILURES}/m/user",
    "reauthenticate": "10/m/user",
}
ACCOUNT_FORMS = {
    "login": "web.signin.forms.SignInForm",
    "reauthenticate": "web.signin.forms.PasswordAgainForm",
    "change_password": "web.signin.forms.ChangePasswordForm",
}
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
SOCIALACCOUNT_ADAPTER = "web.signin.adapters.ProviderAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"

# An OpenID provider.
OIDC_ID = "oidc"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def oidc_provider(environ: Mapping[str, str], *, allow_loopback: bool = False) -> dict[str, Any]:
    """Return allauth's SOCIALACCOUNT_PROVIDERS for the provider that the environment names, if it does.

    Raises ImproperlyConfigured when something is missing, or when the provider is not asked over TLS.
    """
    issuer = environ.get("LIANXI_OIDC_ISSUER", "").strip().rstrip("/")
    if not issuer:
        return {}
    client, secret = environ.get("LIANXI_OIDC_CLIENT_ID", ""), environ.get("LIANXI_OIDC_CLIENT_SECRET", "")
    if not client or not secret:
        raise ImproperlyConfigured(
            "LIANXI_OIDC_ISSUER needs LIANXI_OIDC_CLIENT_ID and LIANXI_OIDC_CLIENT_SECRET."
        )
    address = urlsplit(issuer)
    loopback = allow_loopback and address.scheme == "http" and address.hostname in _LOOPBACK
    if address.scheme != "https" and not loopback:
        raise ImproperlyConfigured(f"LIANXI_OIDC_ISSUER={issuer!r}: write an address that begins with https.")
    app = {
        "provider_id": OIDC_ID,
        "name": environ.get("LIANXI_OIDC_NAME", "").strip() or _("your organisation's account"),
        "client_id": client,
        "secret": secret,
        "settings": {
            "server_url": issuer,
            "username_claim": environ.get("LIANXI_OIDC_USERNAME_CLAIM", "").strip() or "preferred_username",
        },
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def oidc_origins(providers: Mapping[str, Any]) -> list[str]:
    """Return where the sign-in form may lead a browser: the provider's origin."""
    apps = providers.get("openid_connect", {}).get("APPS", ())
    addresses = [urlsplit(app["settings"]["server_url"]) for app in apps]
    return [f"{address.scheme}://{address.netloc}" for address in addresses]
