"""Locks of administration: waited for, and given up before anybody at work has to yield.

Whoever works in a tenant locks rows first and the tenant's own row last, when the database checks a new
row's place; administration has to lock the tenant's row first. Where the two meet, one must give way: it is
always administration, which then waits for less than PostgreSQL takes to look for a deadlock.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected, LockNotAvailable

from tenants.errors import TenantBusy
from tenants.models import Tenant

T = TypeVar("T")

ATTEMPTS = 40
BRIEF = "200ms"
PAUSE = 0.15


def patiently(act: Callable[[], T]) -> T:
    """Run one transaction until it gets its locks; raise TenantBusy after many attempts."""
    for _attempt in range(ATTEMPTS):
        try:
            return act()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
        time.sleep(random.uniform(PAUSE / 3, PAUSE))  # noqa: S311  # no secret
    raise TenantBusy


def lock_tenant(tenant_id: int, *, exclusively: bool = False) -> Tenant:
    """Return the tenant as it is now, locked against other administration.

    Exclusively means: also against everybody who adds rows; whoever has done so is waited for.
    """
    return Tenant.objects.select_for_update(no_key=not exclusively).get(pk=tenant_id)


def be_brief() -> None:
    """From here on in this transaction, give up any wait for a lock after a moment."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{BRIEF}'")


def serialise_posts(tenant_id: int) -> None:
    """Let the posts of a tenant be changed by one transaction at a time, so that periods do not cross."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('lianxi.posts'), hashint8(%s))", [tenant_id])
