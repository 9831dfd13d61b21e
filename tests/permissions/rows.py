"""A row of every tenant table for every tenant, whatever the tables are, and any role's view of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, transaction

from tenants.models import Tenant
from tests.permissions.world import Eye
from tests.tenants.catalogue import tenant_tables

_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, NULL), a.attnotnull, a.atthasdef OR a.attidentity <> ''
FROM pg_attribute a WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""

# What a column gets that takes no NULL and has no default; `{n}` is the tenant's number.
_VALUES = {
    "bigint": "{n}",
    "integer": "{n}",
    "smallint": "{n}",
    "numeric": "{n}",
    "boolean": "false",
    "date": "'2026-01-01'",
    "timestamp with time zone": "'2026-01-01'",
    "jsonb": "'{{}}'",
    "uuid": "gen_random_uuid()",
    "bytea": "''",
}
_TEXTS = ("character varying", "text", "character")


def fill(eye: Eye, tenants: list[Tenant]) -> None:
    """Add one row to every tenant table for each tenant, past every policy and reference."""
    eye.execute("SET session_replication_role = replica")
    for table in tenant_tables():
        eye.execute(f'DELETE FROM "{table}"')
        columns = eye.execute(_COLUMNS, [table])
        for tenant in tenants:
            given = {name: value for name, value in _values(columns, tenant) if value}
            names = ", ".join(f'"{name}"' for name in given)
            eye.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(given.values())})')
    eye.execute("SET session_replication_role = origin")


def _values(columns: list[Any], tenant: Tenant) -> Iterator[tuple[str, str]]:
    scope = {"tenant_id": tenant.pk, "street_id": tenant.street_id, "district_id": tenant.district_id}
    for name, kind, is_required, has_default in columns:
        if name in scope:
            yield name, str(scope[name])
        elif name == "status":
            yield name, "'SCHEDULED'"
        elif is_required and not has_default:
            yield name, f"'{tenant.pk}'" if kind in _TEXTS else _VALUES[kind].format(n=tenant.pk)


@contextmanager
def role(name: str, **ids: int) -> Iterator[Any]:
    """Work as a database role with the settings of a scope, and without the ORM; undo everything."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        if name not in ("lianxi_app", "lianxi_owner"):
            cursor.execute(f"SET LOCAL ROLE {name}")
        for setting, value in ids.items():
            cursor.execute(f"SET LOCAL app.{setting} = {value}")
        yield cursor
        transaction.set_rollback(True)


def attempt(cursor: Any, sql: str, values: Any = None) -> str:
    """Run a statement in a savepoint; return the name of the database's error, or `ok N` with the count."""
    try:
        with transaction.atomic():
            cursor.execute(sql, values)
            return f"ok {cursor.rowcount}"
    except DatabaseError as error:
        return type(error.__cause__).__name__
