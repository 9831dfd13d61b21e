"""The test suite: the database that the suite has started and named in the environment."""

import os

from config.database import admin_conninfo, connections
from config.environment import switch
from config.settings.base import *  # noqa: F403
from config.settings.base import CONTENT_SECURITY_POLICY, VAR_DIR
from config.settings.signin import oidc_origins, oidc_provider

DEMO = True
SECRET_KEY = "only-for-tests-" + "0" * 40
ID_NUMBER_KEY = "only-for-tests-" + "1" * 40
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
DATABASES, OWNER_CONNECTION = connections(VAR_DIR)
ADMIN_CONNINFO = admin_conninfo(VAR_DIR)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
REQUIRE_SECOND_FACTOR = switch("LIANXI_REQUIRE_SECOND_FACTOR", default=False)
REQUIRE_OWN_PASSWORD = switch("LIANXI_REQUIRE_OWN_PASSWORD", default=False)
SOCIALACCOUNT_PROVIDERS = oidc_provider(os.environ, allow_loopback=True)
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += oidc_origins(SOCIALACCOUNT_PROVIDERS)
STATIC_ROOT = None  # served by the finders; nothing is collected
