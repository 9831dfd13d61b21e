"""What can go wrong with tenants and scopes."""

from __future__ import annotations


class TenancyError(Exception):
    """A tenancy rule was broken."""


class ScopeMissing(TenancyError):
    """Tenant rows can be reached only inside a scope: wrap the work in `tenant_scope(tenant)`."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class ScopeNested(TenancyError):
    """Scopes do not nest: leave the active scope before entering another."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class ScopeReadOnly(TenancyError):
    """A street or district scope reads only: enter the tenant's own scope to write or lock."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class ForeignRow(TenancyError):
    """A row of another tenant cannot be written from this scope."""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


class UnsafeDatabaseRole(TenancyError):
    """The application is connected as a role that row-level security does not bind."""
