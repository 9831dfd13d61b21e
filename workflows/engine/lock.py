"""The lock of a case: its row, waited for, never skipped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from workflows.errors import CaseBusy
from workflows.models import Process


@contextmanager
def case_lock(flow_class: Any, process_pk: int) -> Iterator[None]:
    """Hold the case's row lock until the transaction ends (viewflow's `lock_impl`)."""
    lock_case(process_pk)
    yield


def lock_case(case_id: int) -> Process:
    """Return the case, locked; raise NotFound if there is none, CaseBusy if the wait is too long."""
    try:
        case: Process = Process.objects.all().locked(case_id)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise CaseBusy from error
        raise
    return case
