"""Check a tenant's log: recompute every hash and name the first entry that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from audit.chain import ENTRY_FIELDS, GENESIS, Entry, digest
from audit.models import Event, Head


@dataclass(frozen=True)
class Verdict:
    """`problem` is empty for an intact log; otherwise it names the entry `seq` and what is wrong."""

    tenant_id: int
    checked: int
    seq: int | None = None
    problem: str = ""

    @property
    def intact(self) -> bool:
        return not self.problem


def verify(tenant_id: int) -> Verdict:
    """Verify the log of one tenant, in whose scope the caller must be."""
    prev_hash, expected, checked = GENESIS, 1, 0
    for row in _rows(tenant_id):
        seq = row["seq"]
        if seq != expected:
            return Verdict(tenant_id, checked, expected, f"entry {expected} is missing; {seq} follows")
        if row["prev_hash"] != prev_hash:
            return Verdict(tenant_id, checked, seq, f"entry {seq} does not follow the entry before it")
        entry = Entry(**{name: row[name] for name in ENTRY_FIELDS})
        if digest(prev_hash, entry) != row["hash"]:
            return Verdict(tenant_id, checked, seq, f"entry {seq} ({row['verb']}) was changed")
        prev_hash, expected, checked = row["hash"], expected + 1, checked + 1
    return _against_head(tenant_id, checked, prev_hash)


def _rows(tenant_id: int) -> Iterator[dict[str, Any]]:
    events = Event.objects.of(tenant_id).order_by("seq")
    return events.values(*ENTRY_FIELDS, "prev_hash", "hash").iterator(chunk_size=5000)


def _against_head(tenant_id: int, checked: int, last_hash: str) -> Verdict:
    head = Head.objects.of(tenant_id).values_list("seq", "hash").first()
    seq, head_hash = head or (0, GENESIS)
    if seq > checked:
        return Verdict(tenant_id, checked, checked + 1, f"entries {checked + 1} to {seq} were cut off")
    if head_hash != last_hash:
        return Verdict(tenant_id, checked, checked, f"entry {checked} is not the recorded head")
    return Verdict(tenant_id, checked)
