"""Move a community to another street."""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db import connection
from django.utils.translation import gettext as _

from audit.models import Head, LogRow
from tenants import trail
from tenants.actors import Actor
from tenants.administration.authority import TREE_KEEPERS, require_post
from tenants.administration.case_work import case_work
from tenants.administration.locks import be_brief, lock_tenant, patiently
from tenants.errors import NotPossible
from tenants.models import Level, Tenant
from tenants.rows import TenantModel
from tenants.scope import administration_scope, side_of


@dataclass(frozen=True)
class Moved:
    """What a move did: rows that were rewritten, and open steps that now wait for the new street's posts."""

    community: Tenant
    rows: int
    steps: int


def move(community: Tenant, *, to: Tenant, actor: Actor | None) -> Moved:
    """Put a community under another street, with everything it has, in one transaction.

    Open steps that wait for the old street's posts wait for the same posts of the new one; history keeps
    who decided. Raises NotAllowed without a post above both streets, NotPossible for anything but an open
    community and another open street.
    """
    return patiently(lambda: _move(community, to, actor))


def _move(community: Tenant, to: Tenant, actor: Actor | None) -> Moved:
    with administration_scope(community):
        now = lock_tenant(community.pk, exclusively=True)
        _require_movable(now, to)
        streets = {pk: lock_tenant(pk) for pk in sorted((now.street_id, to.pk))}
        old, new = streets[now.street_id], streets[to.pk]
        if not new.is_open:
            raise NotPossible(_("%(tenant)s is closed.") % {"tenant": new.name})
        post = _require_posts(actor, old, new)
        be_brief()
        moved = Tenant(
            **{field.attname: getattr(now, field.attname) for field in Tenant._meta.concrete_fields}
        )
        moved.parent_id, moved.street_id, moved.district_id = new.pk, new.pk, new.district_id
        rows = _rewrite(moved)
        above = {old.pk: new.pk, old.district_id: new.district_id}
        with side_of(moved):
            steps = case_work().readdress({a: b for a, b in above.items() if a != b}, actor=actor)
            changes = {"street": [old.slug, new.slug], "steps": steps}
            trail.record("tenant.moved", actor=actor, post=post, changes=changes)
        with side_of(old):
            changes = {"community": now.slug, "to": new.slug}
            trail.record("community.moved_out", actor=actor, post=post, changes=changes)
        with side_of(new):
            changes = {"community": now.slug, "from": old.slug}
            trail.record("community.moved_in", actor=actor, post=post, changes=changes)
    return Moved(moved, rows, steps)


def _require_movable(community: Tenant, to: Tenant) -> None:
    if community.level != Level.COMMUNITY:
        raise NotPossible(
            _("%(tenant)s is no community; only communities move.") % {"tenant": community.name}
        )
    if to.level != Level.STREET:
        raise NotPossible(_("%(tenant)s is no street.") % {"tenant": to.name})
    if not community.is_open:
        raise NotPossible(_("%(tenant)s is closed.") % {"tenant": community.name})
    if community.street_id == to.pk:
        details = {"community": community.name, "street": to.name}
        raise NotPossible(_("%(community)s belongs to %(street)s already.") % details)


def _require_posts(actor: Actor | None, old: Tenant, new: Tenant) -> str:
    """Both streets must agree, so the right is held above both."""
    require_post(actor, old, TREE_KEEPERS)
    return require_post(actor, new, TREE_KEEPERS)


def _rewrite(moved: Tenant) -> int:
    """Write the new place into the tenant and all its rows; return how many rows.

    Rows and tenant must agree, which is checked when the transaction ends instead of after each statement.
    """
    place = [moved.street_id, moved.district_id, moved.pk]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        Tenant.objects.filter(pk=moved.pk).update(
            parent_id=moved.parent_id, street_id=moved.street_id, district_id=moved.district_id
        )
        rows = 0
        for table in tenant_tables():
            sql = f'UPDATE "{table}" SET street_id = %s, district_id = %s WHERE tenant_id = %s'  # noqa: S608
            cursor.execute(sql, place)
            rows += cursor.rowcount
    return rows


def tenant_tables() -> list[str]:
    """Return every table whose rows belong to a tenant; the most contended one, the log's head, first."""
    models = [model for model in apps.get_models() if issubclass(model, TenantModel | LogRow)]
    models.sort(key=lambda model: model is not Head)
    return [model._meta.db_table for model in models]
