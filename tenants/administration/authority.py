"""By which post somebody administers a tenant, and whose account they may touch."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.actors import Actor, Post
from tenants.errors import NotAllowed
from tenants.models import Role, Tenant, User
from tenants.tree import line, roots

TREE_KEEPERS = (Role.SYSTEM_ADMIN,)
ACCOUNT_KEEPERS = (Role.SYSTEM_ADMIN,)
POST_KEEPERS = (Role.SECURITY_ADMIN,)
PARAMETER_KEEPERS = (Role.SYSTEM_ADMIN,)

SEPARATED = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
"""The three administrators (三员): one person is at most one of them in a tenant."""

ADMINISTRATORS = (*SEPARATED, Role.TENANT_ADMIN, Role.PRIVACY_OFFICER)


def require_post(
    actor: Actor | None, tenant: Tenant, keepers: Collection[Role], *, own: Collection[Role] = ()
) -> str:
    """Return the role by which the actor administers the tenant; empty for the operator.

    Arguments: a post with one of the roles `keepers` reaches its tenant and everything below it; one with
    a role of `own` its very tenant alone. Raises NotAllowed.
    """
    if actor is None:
        return ""
    for role in own:
        if actor.holds(tenant.pk, role):
            return role.value
    for above in line(tenant.pk):
        for role in keepers:
            if actor.holds(above.pk, role):
                return role.value
    names = ", ".join(str(role.label) for role in (*keepers, *own))
    details = {"posts": names, "tenant": tenant.name}
    raise NotAllowed(_("This needs one of these posts at %(tenant)s or above it: %(posts)s.") % details)


def require_account_post(actor: Actor | None, user: User, keepers: Collection[Role]) -> str:
    """Return the role by which the actor may change a person's account; empty for the operator.

    It has to reach every tenant in which the person holds a post: whoever could lock out or impersonate
    a person would otherwise reach beyond their own part of the tree. Nobody does it to themselves.
    """
    if actor is None:
        return ""
    if actor.user_id == user.pk:
        raise NotAllowed(_("Nobody changes their own account here."))
    roles = [require_post(actor, tenant, keepers) for tenant in places_of(user)]
    return roles[0]


def places_of(user: User) -> tuple[Tenant, ...]:
    """Return the tenants in which a person holds a post now or later; without one, the top of the tree."""
    ids = {post.tenant_id for post in posts_of(user)}
    return tuple(Tenant.objects.filter(pk__in=ids).order_by("pk")) if ids else roots()


_POSTS = """
SELECT DISTINCT tenant_id, role FROM tenants_appointment
WHERE user_id = %s AND (ends_on IS NULL OR ends_on >= %s) ORDER BY 1, 2
"""


def posts_of(user: User) -> list[Post]:
    """Return the posts that a person holds now or later, in every tenant; runs as the login role."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL app.user_id = {int(user.pk)}")
        cursor.execute(_POSTS, [user.pk, timezone.localdate()])
        return [Post(tenant_id, role) for tenant_id, role in cursor.fetchall()]


def in_period(starts_on: date, ends_on: date | None) -> Q:
    """Return the filter for appointments that share a day with a period."""
    shares = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
    return shares if ends_on is None else shares & Q(starts_on__lte=ends_on)
