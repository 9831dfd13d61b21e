"""Remove everything that belongs to one tenant; the tenant itself stays in the tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from psycopg import sql

from tenants.archive_owner import count_rows, owning
from tenants.archive_tables import Table, tenant_tables
from tenants.models import Tenant


@dataclass(frozen=True)
class Wiped:
    """What was removed, and the number and hash of the log's last entry, for the operator's own records."""

    counts: dict[str, int]
    last_entry: int
    last_hash: str


def count_tenant(tenant: Tenant) -> dict[str, int]:
    """Return how many rows a wipe would remove, by table."""
    tables = tenant_tables()
    with owning(tenant):
        return count_rows(tables, tenant.pk)


def wipe_tenant(tenant: Tenant) -> Wiped:
    """Delete every row of one tenant, its log included, in one transaction.

    Raises:
        ArchiveError: says what stands in the way; nothing was removed.
    """
    tables = tenant_tables()
    with owning(tenant):
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq, hash FROM audit_head WHERE tenant_id = %s", [tenant.pk])
            last_entry, last_hash = cursor.fetchone() or (0, "")
        counts = _delete(tables, tenant.pk)
    return Wiped(counts, last_entry, last_hash)


def _delete(tables: Sequence[Table], tenant_id: int) -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for table in reversed(tables):
            statement = sql.SQL("DELETE FROM {} WHERE tenant_id = {}")
            cursor.execute(statement.format(sql.Identifier(table.name), sql.Literal(tenant_id)))
            if cursor.rowcount > 0:
                counts[table.name] = cursor.rowcount
    return counts
