"""Machine tokens: made once, shown once, stored as a digest."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from tenants.models import ApiToken, Tenant, User

PREFIX = "lx_"


def digest(token: str) -> str:
    """Return what is stored of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_token(user: User, tenant: Tenant, *, name: str, days: int) -> str:
    """Create a token that acts as `user` in `tenant` for `days` days; return it, for the only time.

    Runs as the owner: the application itself cannot make credentials.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        name=name,
        digest=digest(token),
        user=user,
        tenant=tenant,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token


def find_token(token: str) -> ApiToken | None:
    """Return the valid token with its user and tenant, or None."""
    return (
        ApiToken.objects.select_related("user", "tenant")
        .filter(digest=digest(token), expires_at__gt=timezone.now(), user__is_active=True)
        .first()
    )
