"""Opaque global ids: url-safe, versioned, naming type, tenant and row.

What does not decode answers as what is not there, so an id tells nothing about another tenant.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import StrEnum

from workflows.errors import NotFound

LONGEST = 100
BIGGEST_ID = 2**63 - 1

_VERSION_1 = re.compile(r"1:([A-Z][A-Za-z]*):([1-9][0-9]{0,18}):([1-9][0-9]{0,18})", re.ASCII)


class Kind(StrEnum):
    PROCESS = "Process"
    TASK = "Task"


@dataclass(frozen=True)
class Address:
    """Where a row is: its tenant and its id there."""

    tenant_id: int
    row_id: int


def encode(kind: Kind, tenant_id: int, row_id: int) -> str:
    return pack(f"1:{kind.value}:{tenant_id}:{row_id}")


def decode(kind: Kind, text: str) -> Address:
    """Return where the row of that kind is; raise NotFound for anything that `encode` does not write."""
    found = _VERSION_1.fullmatch(unpack(text))
    if found is None or found[1] != kind.value:
        raise NotFound
    address = Address(int(found[2]), int(found[3]))
    if max(address.tenant_id, address.row_id) > BIGGEST_ID:
        raise NotFound
    return address


def pack(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(text: str) -> str:
    """Return what `pack` was given, or the empty string for anything it did not write."""
    if len(text) > LONGEST:
        return ""
    try:
        unpacked = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        return ""
    # Base64 has several spellings of the same bytes; an id has one.
    return unpacked if pack(unpacked) == text else ""
