"""Work as the tables' owner: migrations, the tree and the accounts, never a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from tenants.errors import ScopeNested
from tenants.scope import scope_is_active


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect as the owning role until the block ends; for management commands only.

    The owner is bound by forced row-level security too: it sees no tenant's rows without a scope's ids.
    """
    if scope_is_active():
        raise ScopeNested
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(settings.OWNER_CONNECTION)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
