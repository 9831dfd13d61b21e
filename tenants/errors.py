"""What can go wrong with tenants and scopes, and why an act of administration was refused."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tenants.refusals import Refused


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


class NotAllowed(Refused):
    """None of the person's posts gives the right; the reason says which ones would."""

    code = "NOT_ALLOWED"
    status = 403


class NotPossible(Refused):
    """The tenant, the post or the account is not in the state that this needs."""

    code = "NOT_POSSIBLE"
    status = 409


class InvalidEntry(Refused):
    """What was entered cannot be accepted; `field` says where."""

    code = "INVALID_INPUT"
    status = 422

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class TenantBusy(Refused):
    """The tenant was in use for too long."""

    code = "TENANT_BUSY"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("People are working here right now. Nothing was changed; please try again."))


class TenantMoved(Refused):
    """The community moved to another street while this was being done."""

    code = "TENANT_MOVED"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            _("This community has just moved to another street. Nothing was changed; please try again.")
        )
