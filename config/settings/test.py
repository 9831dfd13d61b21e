"""The test suite: the database that the suite has started and named in the environment."""

from config.database import admin_conninfo, connections
from config.settings.base import *  # noqa: F403
from config.settings.base import VAR_DIR

DEMO = True
SECRET_KEY = "only-for-tests-" + "0" * 40
ID_NUMBER_KEY = "only-for-tests-" + "1" * 40
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
DATABASES, OWNER_CONNECTION = connections(VAR_DIR)
ADMIN_CONNINFO = admin_conninfo(VAR_DIR)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = None  # served by the finders; nothing is collected
