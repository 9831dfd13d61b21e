"""The demo on this machine: its own database under `var/`, or the server that DATABASE_URL names."""

from config.database import admin_conninfo, connections
from config.environment import switch
from config.secret import machine_secret
from config.settings.base import *  # noqa: F403
from config.settings.base import VAR_DIR

DEMO = True
SECRET_KEY = machine_secret(VAR_DIR / "secret_key")
ID_NUMBER_KEY = machine_secret(VAR_DIR / "id_number_key")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATABASES, OWNER_CONNECTION = connections(VAR_DIR)
ADMIN_CONNINFO = admin_conninfo(VAR_DIR)
# The demo's accounts come with a password that everybody may read.
REQUIRE_SECOND_FACTOR = switch("LIANXI_REQUIRE_SECOND_FACTOR", default=False)
REQUIRE_OWN_PASSWORD = switch("LIANXI_REQUIRE_OWN_PASSWORD", default=False)
STATIC_ROOT = None  # served from where they are; nothing is collected
