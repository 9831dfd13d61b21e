"""Where the database is: a server named by DATABASE_URL, or the embedded one under `var/pg`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import ProgrammingError

from config import localpg
from tenants.provision import APP_ROLE, OWNER_ROLE

NAME = "lianxi"

HOW_TO_START = (
    "No database is running. Start the demo with `make demo` in another terminal, "
    "or set DATABASE_URL to a PostgreSQL server (15 or newer)."
)


def connections(var_dir: Path) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Return Django's DATABASES (the application's role) and what differs when the owner connects.

    Environment: DATABASE_URL (as lianxi_app) and DATABASE_OWNER_URL (as lianxi_owner) name a server;
    without them the embedded one is used; DATABASE_NAME names another database on it.
    """
    if url := os.environ.get("DATABASE_URL"):
        app = _from_url("DATABASE_URL", url)
        owner_url = os.environ.get("DATABASE_OWNER_URL", "")
        owner = _from_url("DATABASE_OWNER_URL", owner_url) if owner_url else dict(app)
    else:
        app, owner = _embedded(var_dir, APP_ROLE), _embedded(var_dir, OWNER_ROLE)
    return {"default": app}, {name: owner.get(name, "") for name in ("USER", "PASSWORD", "HOST", "PORT")}


def admin_conninfo(var_dir: Path) -> str:
    """Return how a superuser connects, to create roles and the database; empty if nobody said so.

    Environment: DATABASE_ADMIN_URL; without DATABASE_URL the embedded server's own superuser.
    """
    if url := os.environ.get("DATABASE_ADMIN_URL"):
        return url
    if os.environ.get("DATABASE_URL"):
        return ""
    running = localpg.running(var_dir / "pg")
    if running is None:
        return ""
    return make_conninfo(host=running.host, port=running.port, user=running.superuser, dbname="postgres")


def _embedded(var_dir: Path, role: str) -> dict[str, Any]:
    running = localpg.running(var_dir / "pg")
    return _database(
        NAME=os.environ.get("DATABASE_NAME", NAME),
        USER=role,
        # Without a server there is no socket; connecting then fails, and manage.py says how to start one.
        HOST=running.host if running else str(var_dir / "pg" / "run"),
        PORT=str(running.port) if running else "",
    )


def _from_url(variable: str, url: str) -> dict[str, Any]:
    try:
        parts: dict[str, Any] = dict(conninfo_to_dict(url))
    except ProgrammingError as error:
        raise ImproperlyConfigured(
            f"{variable} is not a PostgreSQL address ({str(error).strip()}). "
            "Write postgresql://user:password@host:5432/database."
        ) from error
    return _database(
        NAME=os.environ.get("DATABASE_NAME") or parts.get("dbname", NAME),
        USER=parts.pop("user", ""),
        PASSWORD=parts.pop("password", ""),
        HOST=parts.pop("host", ""),
        PORT=str(parts.pop("port", "")),
        OPTIONS={name: value for name, value in parts.items() if name != "dbname"},
    )


def _database(**settings: Any) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        **settings,
    }
