"""Close a tenant."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants import trail
from tenants.actors import Actor
from tenants.administration.authority import TREE_KEEPERS, require_post
from tenants.administration.case_work import case_work
from tenants.administration.locks import be_brief, lock_tenant, patiently
from tenants.errors import NotPossible
from tenants.models import Tenant
from tenants.scope import administration_scope, side_of


def close(tenant: Tenant, *, actor: Actor | None) -> Tenant:
    """Close a tenant without open cases: nothing is started in it any more, everything stays readable.

    Raises NotAllowed, and NotPossible if it is closed already, has open cases or open tenants below it.
    """
    return patiently(lambda: _close(tenant, actor))


def _close(tenant: Tenant, actor: Actor | None) -> Tenant:
    post = require_post(actor, tenant, TREE_KEEPERS)
    today = timezone.localdate()
    with administration_scope(tenant):
        # Whoever is starting a case has added a row by the time they look whether the tenant is open.
        now = lock_tenant(tenant.pk, exclusively=True)
        be_brief()
        if not now.is_open:
            raise NotPossible(_("%(tenant)s is closed already.") % {"tenant": now.name})
        below = Tenant.objects.filter(parent=now, closed_on=None).count()
        if below:
            message = ngettext(
                "Below %(tenant)s %(count)s tenant is open. Close it or move it first.",
                "Below %(tenant)s %(count)s tenants are open. Close them or move them first.",
                below,
            )
            raise NotPossible(message % {"tenant": now.name, "count": below})
        with side_of(now):
            cases = case_work().open_cases()
            if cases:
                message = ngettext(
                    "%(tenant)s has %(count)s open case. End it first.",
                    "%(tenant)s has %(count)s open cases. End them first.",
                    cases,
                )
                raise NotPossible(message % {"tenant": now.name, "count": cases})
            trail.record(
                "tenant.closed", actor=actor, post=post, changes={"closed_on": [None, today.isoformat()]}
            )
        Tenant.objects.filter(pk=now.pk).update(closed_on=today)
    now.closed_on = today
    return now
