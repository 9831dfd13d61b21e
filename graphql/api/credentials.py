"""Who calls: a bearer token's person, with their posts at the token's tenant and no others."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest

from api.errors import Unauthenticated
from tenants.actors import Actor, actor_for
from tenants.models import Tenant
from tenants.tokens import PREFIX, find_token


@dataclass(frozen=True)
class Caller:
    """The actor that a token stands for, and the tenant it was made for."""

    actor: Actor
    tenant: Tenant


def authenticate(request: HttpRequest, *, request_id: str) -> Caller:
    """Return who calls; raise Unauthenticated, the same for every token that is not valid."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.startswith(PREFIX):
        raise Unauthenticated
    found = find_token(token)
    if found is None:
        raise Unauthenticated
    actor = actor_for(found.user, request_id=request_id)
    here = frozenset(post for post in actor.posts if post.tenant_id == found.tenant.pk)
    return Caller(replace(actor, posts=here), found.tenant)
