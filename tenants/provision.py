"""Create the database roles and the database. Safe to repeat; needs a superuser's connection."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg
from psycopg import sql

APP_ROLE = "lianxi_app"
OWNER_ROLE = "lianxi_owner"
READERS = ("lianxi_member", "lianxi_street", "lianxi_district", "lianxi_dispatch", "lianxi_admin")

# Each role and what makes it safe: the login roles own nothing and inherit nothing.
ROLES: Mapping[str, str] = {
    OWNER_ROLE: "LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE",
    APP_ROLE: "LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE",
    "lianxi_backup": "LOGIN NOINHERIT BYPASSRLS NOSUPERUSER NOCREATEROLE",
    **dict.fromkeys(READERS, "NOLOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS"),
}


def provision(admin_conninfo: str, database: str, passwords: Mapping[str, str] | None = None) -> None:
    """Create what is missing of the roles and the database, and set their limits.

    Arguments: `admin_conninfo` connects a superuser to any database of the server; `passwords` gives
    login roles theirs (a local server with peer authentication needs none).
    """
    with psycopg.connect(admin_conninfo, autocommit=True) as admin:
        # Roles are shared by every database of the server: two preparations must not cross.
        admin.execute("SELECT pg_advisory_lock(hashtext('lianxi.provision'))")
        for role, attributes in ROLES.items():
            _ensure_role(admin, role, attributes, (passwords or {}).get(role, ""))
        for reader in READERS:
            _run(admin, "GRANT {} TO {}", reader, APP_ROLE)
        _run(admin, "ALTER ROLE {} SET idle_in_transaction_session_timeout = '60s'", APP_ROLE)
        _run(admin, "ALTER ROLE {} SET statement_timeout = '60s'", APP_ROLE)
        if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            _run(
                admin, "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0", database, OWNER_ROLE
            )
        _run(admin, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
        for role in ROLES:
            _run(admin, "GRANT CONNECT ON DATABASE {} TO {}", database, role)
        base = psycopg.conninfo.make_conninfo(admin_conninfo, dbname=database)
    with psycopg.connect(base, autocommit=True) as inside:
        _run(inside, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
        _run(inside, "ALTER SCHEMA public OWNER TO {}", OWNER_ROLE)
        for role in ROLES:
            _run(inside, "GRANT USAGE ON SCHEMA public TO {}", role)


def _ensure_role(admin: psycopg.Connection, role: str, attributes: str, password: str) -> None:
    exists = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER ROLE {} {}" if exists else "CREATE ROLE {} {}")
    admin.execute(verb.format(sql.Identifier(role), sql.SQL(attributes)))
    if password:
        admin.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        )


def _run(connection: psycopg.Connection, template: str, *names: str) -> None:
    connection.execute(sql.SQL(template).format(*map(sql.Identifier, names)))
