"""Who acts: a person with the posts they hold today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction

if TYPE_CHECKING:
    from tenants.models import User


@dataclass(frozen=True)
class Post:
    """A role in a tenant."""

    tenant_id: int
    role: str


@dataclass(frozen=True)
class Actor:
    """The person (or machine in a person's name) behind a request."""

    user_id: int
    name: str
    posts: frozenset[Post] = frozenset()
    request_id: str = ""

    def holds(self, tenant_id: int, role: str) -> bool:
        return Post(tenant_id, role) in self.posts

    def roles_at(self, tenant_id: int) -> frozenset[str]:
        return frozenset(post.role for post in self.posts if post.tenant_id == tenant_id)


_POSTS_TODAY = """
SELECT tenant_id, role FROM tenants_appointment
WHERE user_id = %(user)s
  AND starts_on <= (now() AT TIME ZONE %(zone)s)::date
  AND (ends_on IS NULL OR ends_on >= (now() AT TIME ZONE %(zone)s)::date)
"""


def actor_for(user: User, *, request_id: str = "") -> Actor:
    """Return the actor with the posts that the user holds today, in every tenant.

    Runs as the login role, whose one policy shows a person's own appointments and no others.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL app.user_id = {int(user.pk)}")
        cursor.execute(_POSTS_TODAY, {"user": user.pk, "zone": settings.TIME_ZONE})
        posts = frozenset(Post(tenant_id, role) for tenant_id, role in cursor.fetchall())
    return Actor(user.pk, user.full_name, posts, request_id)
