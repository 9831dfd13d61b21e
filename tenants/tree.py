"""The way up the tree from a tenant to its city."""

from __future__ import annotations

from tenants.models import Tenant

_LINE = """
WITH RECURSIVE line AS (
  SELECT t.*, 0 AS up FROM tenants_tenant t WHERE t.id = %s
  UNION ALL
  SELECT t.*, line.up + 1 FROM tenants_tenant t JOIN line ON t.id = line.parent_id
)
SELECT * FROM line ORDER BY up
"""


def line(tenant_id: int) -> tuple[Tenant, ...]:
    """Return the tenant and those above it, nearest first."""
    return tuple(Tenant.objects.raw(_LINE, [tenant_id]))


def roots() -> tuple[Tenant, ...]:
    """Return the tenants that have none above them."""
    return tuple(Tenant.objects.filter(parent=None).order_by("pk"))
