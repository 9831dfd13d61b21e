"""Which tenant a request works in, and which scope it reads in."""

from __future__ import annotations

from contextlib import AbstractContextManager

from api.credentials import Caller
from api.ids import Address
from tenants.models import Level, Tenant
from tenants.scope import Scope, district_scope, street_scope, tenant_scope
from workflows.errors import NotFound
from workflows.permissions import reading_posts


def place_of(caller: Caller, address: Address) -> Tenant:
    """Return the tenant an id points into; raise NotFound unless the caller's posts reach it in the tree.

    A tenant out of reach is refused before any of its rows is looked at, so the answer takes as long
    whether the row is there or not.
    """
    tenant = caller.tenant
    if address.tenant_id != tenant.pk:
        other = Tenant.objects.filter(pk=address.tenant_id).first()
        if other is None:
            raise NotFound
        tenant = other
    if not reading_posts(caller.actor, tenant):
        raise NotFound
    return tenant


def reading_scope(tenant: Tenant) -> AbstractContextManager[Scope]:
    """Return the scope of the tenant's inbox: a street's steps lie in its communities' cases."""
    if tenant.level == Level.STREET:
        return street_scope(tenant.pk)
    if tenant.level == Level.DISTRICT:
        return district_scope(tenant.pk)
    return tenant_scope(tenant)
