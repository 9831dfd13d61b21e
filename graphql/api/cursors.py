"""Keyset cursors: the sort key of the last row of a page, versioned and opaque."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from api.errors import InvalidCursor
from api.ids import BIGGEST_ID, pack, unpack
from workflows.queries import Cursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_VERSION_1 = re.compile(r"1:created:([0-9]{1,17}):([1-9][0-9]{0,18})", re.ASCII)


def encode(at: datetime, row_id: int) -> str:
    return pack(f"1:created:{(at - _EPOCH) // _MICROSECOND}:{row_id}")


def decode(text: str) -> Cursor:
    """Return where the next page begins; raise InvalidCursor for anything that `encode` does not write."""
    found = _VERSION_1.fullmatch(unpack(text))
    if found is None or int(found[2]) > BIGGEST_ID:
        raise InvalidCursor
    return Cursor(_EPOCH + int(found[1]) * _MICROSECOND, int(found[2]))
