"""Who asks, in which tenant, in which scope: the decorators of every page behind the login.

Session and user are read as the login role, before a scope opens; inside it they cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from tenants.actors import Actor, actor_for
from tenants.models import Level, Tenant, User
from tenants.request_id import current_request_id
from tenants.scope import Scope, district_scope, street_scope, tenant_scope
from workflows import permissions
from workflows.errors import InvalidInput

P = ParamSpec("P")
Problems = dict[str, list[str]]
Enter = Callable[[Tenant], AbstractContextManager[Scope]]


class AuthenticatedHttpRequest(HttpRequest):
    """A request of a person who has signed in."""

    user: User
    actor: Actor


class TenantHttpRequest(AuthenticatedHttpRequest):
    """A request for a tenant's page; `place` is where the person holds the post that opens it."""

    tenant: Tenant
    place: Tenant


TenantView = Callable[Concatenate[TenantHttpRequest, P], HttpResponse]
View = Callable[..., HttpResponse]
ShowAgain = Callable[Concatenate[TenantHttpRequest, Problems, P], HttpResponse]


def signed_in(view: Callable[[AuthenticatedHttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page to whoever has signed in; it belongs to no tenant."""

    @wraps(view)
    @never_cache
    def page(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_login(request)
        return view(_with_actor(request))

    return page


def inbox_scope(tenant: Tenant) -> AbstractContextManager[Scope]:
    """Enter the scope in which a tenant's posts read: a street's reaches over its communities."""
    if tenant.level == Level.STREET:
        return street_scope(tenant.pk)
    if tenant.level == Level.DISTRICT:
        return district_scope(tenant.pk)
    return tenant_scope(tenant)


def tenant_page(enter: Enter = tenant_scope) -> Callable[[TenantView[P]], View]:
    """Open a page of a tenant to those whose posts may read it, inside the scope that `enter` gives."""

    def decorate(view: TenantView[P]) -> View:
        @wraps(view)
        @never_cache
        def page(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            inside = _at_tenant(request, slug)
            with enter(inside.tenant):
                return view(inside, *args, **kwargs)

        return page

    return decorate


def tenant_action(show_again: ShowAgain[P]) -> Callable[[TenantView[P]], View]:
    """Let a view act inside the tenant's scope.

    When what was entered is not accepted, everything is rolled back and `show_again` shows the page with
    the problems, in a scope of its own.
    """

    def decorate(view: TenantView[P]) -> View:
        @wraps(view)
        @never_cache
        def page(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            inside = _at_tenant(request, slug)
            try:
                with tenant_scope(inside.tenant):
                    return view(inside, *args, **kwargs)
            except InvalidInput as refused:
                problems = refused.fields
            with tenant_scope(inside.tenant):
                response = show_again(inside, problems, *args, **kwargs)
            response.status_code = InvalidInput.status
            # The address of an action is no page to come back to.
            response.headers["HX-Push-Url"] = "false"
            return response

        return page

    return decorate


def _to_login(request: HttpRequest) -> HttpResponse:
    # An address that only takes POST would answer the browser's GET after the login with an error.
    after = request.get_full_path() if request.method == "GET" else reverse("home")
    return redirect_to_login(after)


def _with_actor(request: HttpRequest) -> AuthenticatedHttpRequest:
    known = cast("AuthenticatedHttpRequest", request)
    if not hasattr(known, "actor"):  # the middleware of signing in has asked already
        known.actor = actor_for(known.user, request_id=current_request_id())
    return known


def _at_tenant(request: HttpRequest, slug: str) -> TenantHttpRequest:
    known = cast("TenantHttpRequest", _with_actor(request))
    known.tenant = permissions.get_tenant(known.actor, slug)
    known.place = _nearest_place(known.actor, known.tenant)
    return known


def _nearest_place(actor: Actor, tenant: Tenant) -> Tenant:
    nearest = permissions.reading_posts(actor, tenant)[0][0]
    return tenant if nearest == tenant.pk else Tenant.objects.filter(pk=nearest).get()
