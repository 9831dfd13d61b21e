"""One request's operation: who calls, and the one scope in which a mutation works."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from django.db import transaction

from api.credentials import Caller
from tenants.models import Tenant
from tenants.scope import scope_is_active, tenant_scope


class Operation:
    """What resolvers find in `info.context`.

    A mutation's resolver enters the scope, for it alone knows which tenant the ids point into. The scope,
    and with it the transaction, ends only when the whole answer is known: an error anywhere in the answer
    undoes the mutation. Queries open and close a scope for each root field and do not use this one.
    """

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self._scopes = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._scopes.__exit__(kind, error, trace)

    def enter(self, tenant: Tenant) -> None:
        """Work in this tenant until the operation ends."""
        self._scopes.enter_context(tenant_scope(tenant))

    def undo(self) -> None:
        """Let the transaction end without effect, if there is one."""
        if scope_is_active():
            transaction.set_rollback(True)
