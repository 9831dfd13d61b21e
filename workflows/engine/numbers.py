"""Case numbers: per tenant, flow and year, without gaps."""

from __future__ import annotations

from django.db import connection

from tenants.scope import active_scope

_NEXT = """
INSERT INTO workflows_casecounter (tenant_id, street_id, district_id, flow, year, last)
VALUES (%s, %s, %s, %s, %s, 1)
ON CONFLICT (tenant_id, flow, year) DO UPDATE SET last = workflows_casecounter.last + 1
RETURNING last
"""


def next_number(flow: str, year: int) -> int:
    """Take the next number; the counter stays locked until the transaction ends, and rolls back with it.

    Taken before a new case is checked, the lock also makes the cases of a flow start one after another
    in a tenant, so that a limit on their count holds.
    """
    scope = active_scope()
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [scope.tenant_id, scope.street_id, scope.district_id, flow, year])
        row = cursor.fetchone()
    return int(row[0])
