"""Rename a tenant."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from tenants.administration.authority import TREE_KEEPERS, require_post
from tenants.administration.locks import lock_tenant, patiently
from tenants.administration.names import checked_name
from tenants.errors import InvalidEntry, NotPossible
from tenants.models import Tenant
from tenants.scope import administration_scope, side_of


def rename(tenant: Tenant, *, name: str, actor: Actor | None) -> Tenant:
    """Give a tenant another name; its address and what was printed stay.

    Raises NotAllowed, InvalidEntry for the name, NotPossible for a closed tenant.
    """
    return patiently(lambda: _rename(tenant, name, actor))


def _rename(tenant: Tenant, name: str, actor: Actor | None) -> Tenant:
    post = require_post(actor, tenant, TREE_KEEPERS)
    new = checked_name(name)
    with administration_scope(tenant):
        now = lock_tenant(tenant.pk)
        if not now.is_open:
            raise NotPossible(_("%(tenant)s is closed.") % {"tenant": now.name})
        if now.name == new:
            raise InvalidEntry("name", _("This is its name already."))
        siblings = Tenant.objects.filter(parent_id=now.parent_id, closed_on=None).exclude(pk=now.pk)
        if siblings.filter(name=new).exists():
            raise InvalidEntry("name", _("There is another “%(name)s” beside it.") % {"name": new})
        Tenant.objects.filter(pk=now.pk).update(name=new)
        with side_of(now):
            trail.record("tenant.renamed", actor=actor, post=post, changes={"name": [now.name, new]})
    now.name = new
    return now
