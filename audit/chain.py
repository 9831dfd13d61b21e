"""The hash chain: canonical bytes of an event and the digest that binds it. Pure functions."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Entry:
    """The content of one event; `changes` holds JSON values only."""

    tenant_id: int
    seq: int
    at: datetime
    verb: str
    case_id: int | None
    step_id: int | None
    step: str
    actor_id: int | None
    actor_name: str
    post: str
    changes: dict[str, Any]
    request_id: str


ENTRY_FIELDS = tuple(f.name for f in fields(Entry))


def canonical(entry: Entry) -> bytes:
    """Return the bytes that are hashed: sorted JSON, UTC time in microseconds, UTF-8."""
    content = {name: getattr(entry, name) for name in ENTRY_FIELDS}
    content["at"] = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(prev_hash: str, entry: Entry) -> str:
    """Return the SHA-256 of the previous hash followed by the canonical bytes, in hex."""
    return hashlib.sha256(prev_hash.encode("ascii") + canonical(entry)).hexdigest()
