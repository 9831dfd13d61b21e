"""A real deployment: everything secret comes from the environment, and is demanded."""

from config.database import admin_conninfo, connections
from config.secret import required
from config.settings.base import *  # noqa: F403
from config.settings.base import STORAGES, VAR_DIR

SECRET_KEY = required("LIANXI_SECRET_KEY", "a random string of at least 50 characters")
ID_NUMBER_KEY = required("LIANXI_ID_NUMBER_KEY", "a random string that never changes: it finds members again")
ALLOWED_HOSTS = required("LIANXI_HOSTS", "the host names, separated by commas").split(",")
required("DATABASE_URL", "postgresql://lianxi_app:…@host/lianxi")
DATABASES, OWNER_CONNECTION = connections(VAR_DIR)
ADMIN_CONNINFO = admin_conninfo(VAR_DIR)

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
