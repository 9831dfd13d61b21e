"""A real deployment: everything secret comes from the environment, and is demanded."""

import os

from config.database import admin_conninfo, connections
from config.environment import number
from config.secret import required
from config.settings.base import *  # noqa: F403
from config.settings.base import CONTENT_SECURITY_POLICY, STORAGES, VAR_DIR
from config.settings.signin import oidc_origins, oidc_provider

SECRET_KEY = required("LIANXI_SECRET_KEY", "a random string of at least 50 characters")
ID_NUMBER_KEY = required("LIANXI_ID_NUMBER_KEY", "a random string that never changes: it finds members again")
ALLOWED_HOSTS = required("LIANXI_HOSTS", "the host names, separated by commas").split(",")
required("DATABASE_URL", "postgresql://lianxi_app:…@host/lianxi")
DATABASES, OWNER_CONNECTION = connections(VAR_DIR)
ADMIN_CONNINFO = admin_conninfo(VAR_DIR)

# The site stands behind a proxy that ends TLS and says who is calling (docs/how-to/set-up-sign-in.md).
ALLAUTH_TRUSTED_PROXY_COUNT = number("LIANXI_PROXIES", 1, least=0)
SOCIALACCOUNT_PROVIDERS = oidc_provider(os.environ)
# A form whose answer leads on to the provider counts as one that is sent there.
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += oidc_origins(SOCIALACCOUNT_PROVIDERS)

SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

WHITENOISE_USE_FINDERS = False
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
