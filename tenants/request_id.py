"""The id of the request that is being answered: the same in the answer, the log lines and the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

_current: ContextVar[str] = ContextVar("lianxi_request_id", default="")


def current_request_id() -> str:
    """Return the id of the request that is being answered; empty outside one."""
    return _current.get()


@contextmanager
def named_request() -> Iterator[str]:
    """Give the work of the block a new id."""
    request_id = uuid4().hex
    token = _current.set(request_id)
    try:
        yield request_id
    finally:
        _current.reset(token)
