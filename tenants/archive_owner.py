"""Change one tenant's rows as their owner, whom row-level security binds to that tenant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction
from psycopg import sql
from psycopg.errors import DeadlockDetected, LockNotAvailable

from tenants.archive import ArchiveError
from tenants.archive_rows import SAME_TEXTS
from tenants.archive_tables import Table
from tenants.owner import as_owner
from tenants.scope import LOCK_TIMEOUT, TenantLike

_BOUND = """
SELECT current_user, NOT (r.rolsuper OR r.rolbypassrls), r.oid = c.relowner
FROM pg_roles r, pg_class c WHERE r.rolname = current_user AND c.oid = 'tenants_tenant'::regclass
"""

_LAST_GIVEN = "SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM {}"


@contextmanager
def owning(tenant: TenantLike) -> Iterator[None]:
    """Work as the owner in one transaction that sees and writes this tenant's rows and no others.

    Nobody else adds rows to the tenant meanwhile. References are checked when the block ends, so rows may
    come and go in any order inside it.
    """
    try:
        with as_owner(), transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute(_BOUND)
                _require_bound(*cursor.fetchone())
                cursor.execute(
                    f"SET LOCAL app.tenant_id = {int(tenant.id)};"
                    f"SET LOCAL app.street_id = {int(tenant.street_id)};"
                    f"SET LOCAL app.district_id = {int(tenant.district_id)};"
                    f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}';"
                    f"{SAME_TEXTS}; SET CONSTRAINTS ALL DEFERRED"
                )
                # Every new row of a tenant holds the tenant's own row by its foreign key. This waits for
                # those that are being written, and keeps others waiting until we are done.
                cursor.execute("SELECT FROM tenants_tenant WHERE id = %s FOR UPDATE", [tenant.id])
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError as error:
        raise ArchiveError(f"nothing was changed: {_said(error)}") from error


def _require_bound(role: str, is_bound: bool, owns: bool) -> None:
    if not is_bound or not owns:
        why = "does not own the tables" if is_bound else "is not bound by row-level security"
        raise ArchiveError(
            f'the database role "{role}" {why}: set DATABASE_OWNER_URL to connect as lianxi_owner'
        )


def _said(error: DatabaseError) -> str:
    if isinstance(error.__cause__, (LockNotAvailable, DeadlockDetected)):
        return "people are working in the tenant; try again, or stop the server and the worker first"
    # Not the detail: it would repeat what stands in the row.
    diagnosis = getattr(error.__cause__, "diag", None)
    said = getattr(diagnosis, "message_primary", None) or str(error).partition("\n")[0]
    return f"the database refused it: {said}"


def count_rows(tables: Iterable[Table], tenant_id: int) -> dict[str, int]:
    """Return how many rows the tenant has, for each table in which it has any."""
    counts = {}
    with connection.cursor() as cursor:
        for table in tables:
            statement = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = {}")
            cursor.execute(statement.format(sql.Identifier(table.name), sql.Literal(tenant_id)))
            if (count := cursor.fetchone()[0]) > 0:
                counts[table.name] = count
    return counts


def move_sequences_past(table: Table, tenant_id: int) -> None:
    """Make sure that no id of the tenant's rows is given out again; a sequence never goes backwards.

    Sequences are shared by all tenants, so a sequence that must move is held for the rest of the transaction.
    """
    with connection.cursor() as cursor:
        for column in table.columns:
            if column.sequence is None:
                continue
            cursor.execute(
                sql.SQL("SELECT coalesce(max({}), 0) FROM {} WHERE tenant_id = {}").format(
                    sql.Identifier(column.name), sql.Identifier(table.name), sql.Literal(tenant_id)
                )
            )
            highest = cursor.fetchone()[0]
            # pg_get_serial_sequence has quoted the name.
            sequence = sql.SQL(column.sequence)
            cursor.execute(sql.SQL(_LAST_GIVEN).format(sequence))
            if highest <= cursor.fetchone()[0]:
                continue
            cursor.execute(sql.SQL("ALTER SEQUENCE {} NO CYCLE").format(sequence))
            cursor.execute(
                sql.SQL("SELECT setval({}, greatest({}, last_value)) FROM {}").format(
                    sql.Literal(column.sequence), sql.Literal(highest), sequence
                )
            )
