"""The active scope: one transaction, one database role, one tenant or one subtree to read.

`SET LOCAL` ends with the transaction, so a pooled connection never carries a tenant into the next
request. The settings are written as literals because only literal settings travel to the nodes of a
distributed database. Scopes do not nest: on the release of a savepoint PostgreSQL keeps the inner
tenant, so a nested scope would leak into the outer one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.db import IntegrityError, connection, transaction

from tenants.errors import ScopeMissing, ScopeNested, TenantMoved

LOCK_TIMEOUT = "5s"
ADMINISTRATOR = "lianxi_admin"


class Reach(StrEnum):
    """How far a scope reaches; the value is the column that its rows share."""

    TENANT = "tenant_id"
    STREET = "street_id"
    DISTRICT = "district_id"
    DUE_TIMERS = "status"


@dataclass(frozen=True)
class Scope:
    """The scope that is active: its database role, its reach and the ids that new rows carry."""

    role: str
    reach: Reach
    tenant_id: int
    street_id: int
    district_id: int

    @property
    def predicate(self) -> dict[str, int | str]:
        """Return the filter that every statement on a tenant table carries."""
        if self.reach is Reach.DUE_TIMERS:
            return {"status": "SCHEDULED"}
        return {self.reach.value: getattr(self, self.reach.value)}

    @property
    def writes(self) -> bool:
        return self.reach is Reach.TENANT


class TenantLike(Protocol):
    """What a scope needs to know of a tenant."""

    @property
    def id(self) -> int: ...
    @property
    def street_id(self) -> int: ...
    @property
    def district_id(self) -> int: ...


_active: ContextVar[Scope | None] = ContextVar("lianxi_scope", default=None)


def active_scope() -> Scope:
    """Return the active scope, or raise ScopeMissing."""
    scope = _active.get()
    if scope is None:
        raise ScopeMissing
    return scope


def scope_is_active() -> bool:
    return _active.get() is not None


@contextmanager
def tenant_scope(tenant: TenantLike) -> Iterator[Scope]:
    """Read and write one tenant, in one transaction that commits when the block ends."""
    with _enter(_scope_of("lianxi_member", tenant)) as scope:
        yield scope


@contextmanager
def street_scope(street_id: int) -> Iterator[Scope]:
    """Read every tenant of one street, the street itself included."""
    with _enter(Scope("lianxi_street", Reach.STREET, 0, street_id, 0)) as scope:
        yield scope


@contextmanager
def district_scope(district_id: int) -> Iterator[Scope]:
    """Read every tenant of one district, the district itself included."""
    with _enter(Scope("lianxi_district", Reach.DISTRICT, 0, 0, district_id)) as scope:
        yield scope


@contextmanager
def dispatch_scope() -> Iterator[Scope]:
    """See which timers wait, in every tenant; nothing else of a step can be read here."""
    with _enter(Scope("lianxi_dispatch", Reach.DUE_TIMERS, 0, 0, 0)) as scope:
        yield scope


@contextmanager
def administration_scope(tenant: TenantLike) -> Iterator[Scope]:
    """Change the tree, the accounts and the place of one tenant's rows, which cannot be read here.

    For `tenants.administration` alone.
    """
    with _enter(_scope_of(ADMINISTRATOR, tenant)) as scope:
        yield scope


@contextmanager
def side_of(tenant: TenantLike) -> Iterator[Scope]:
    """Inside an administration's scope, read and write one tenant as a member of it does, then go back.

    The one exception to "scopes do not nest": what concerns several tenants, such as a community's move
    and the entries in the logs of both streets, is there altogether or not at all, hence in one
    transaction. It takes no savepoint, whose release would keep the inner tenant; what fails in here
    fails the whole transaction. For `tenants.administration` alone.
    """
    outer = active_scope()
    if outer.role != ADMINISTRATOR:
        raise ScopeNested
    inner = _scope_of("lianxi_member", tenant)
    _turn_to(inner)
    yield inner
    _turn_to(outer)


@contextmanager
def wide_side_of(tenant: TenantLike) -> Iterator[Scope]:
    """Inside an administration's scope, read what a tenant's posts read: a street's also its communities.

    See `side_of`.
    """
    outer = active_scope()
    if outer.role != ADMINISTRATOR:
        raise ScopeNested
    if tenant.id == tenant.street_id:
        inner = Scope("lianxi_street", Reach.STREET, 0, tenant.street_id, 0)
    elif tenant.id == tenant.district_id:
        inner = Scope("lianxi_district", Reach.DISTRICT, 0, 0, tenant.district_id)
    else:
        inner = _scope_of("lianxi_member", tenant)
    _turn_to(inner)
    yield inner
    _turn_to(outer)


def _scope_of(role: str, tenant: TenantLike) -> Scope:
    return Scope(role, Reach.TENANT, tenant.id, tenant.street_id, tenant.district_id)


def _turn_to(scope: Scope) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_settings(scope))
    _active.set(scope)


@contextmanager
def _enter(scope: Scope) -> Iterator[Scope]:
    if _active.get() is not None:
        raise ScopeNested
    try:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute(f"{_settings(scope)};SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            token = _active.set(scope)
            try:
                yield scope
            finally:
                _active.reset(token)
    except IntegrityError as error:
        if _has_moved(scope, error):
            raise TenantMoved from error
        raise


def _has_moved(scope: Scope, error: IntegrityError) -> bool:
    """Tell whether rows were refused because the tenant is not where it was when the scope was made."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    if not str(constraint).endswith("_place"):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT street_id, district_id FROM tenants_tenant WHERE id = %s", [scope.tenant_id])
        return bool(cursor.fetchone() != (scope.street_id, scope.district_id))


def _settings(scope: Scope) -> str:
    return (
        f"SET LOCAL ROLE {scope.role};"
        f"SET LOCAL app.tenant_id = {int(scope.tenant_id)};"
        f"SET LOCAL app.street_id = {int(scope.street_id)};"
        f"SET LOCAL app.district_id = {int(scope.district_id)}"
    )
