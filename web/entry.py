"""The way from signing in to a tenant."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tenants.actors import Actor
from tenants.models import Role, Tenant
from web.edge import AuthenticatedHttpRequest, signed_in
from web.signin.log import record
from workflows.permissions import reading_posts


@require_safe
@signed_in
def home(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Lead on to the inbox of the person's first tenant."""
    found = _places(request.actor)
    return redirect("todo", found[0].slug) if found else redirect("places")


@require_safe
@signed_in
def places(request: AuthenticatedHttpRequest) -> HttpResponse:
    """List the tenants in which the person holds posts; sign out who holds none."""
    if not request.actor.posts:
        record("session_ended", request, request.user, reason="no post")
        logout(request)
        return render(request, "account/no_post.html")
    held = [
        (tenant, [Role(role).label for role in sorted(request.actor.roles_at(tenant.pk))])
        for tenant in _places(request.actor)
    ]
    return render(request, "places.html", {"places": held})


def _places(actor: Actor) -> list[Tenant]:
    held = Tenant.objects.filter(pk__in={post.tenant_id for post in actor.posts}).order_by("pk")
    return [tenant for tenant in held if reading_posts(actor, tenant)]
