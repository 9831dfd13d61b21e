"""Write one event to a tenant's log, in the caller's transaction."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection

from audit.chain import GENESIS, Entry, digest

_LOCK_HEAD = """
INSERT INTO audit_head (tenant_id, street_id, district_id, seq, hash)
VALUES (%s, %s, %s, 0, %s)
ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_head.seq
RETURNING seq, hash, clock_timestamp()
"""

_APPEND = """
WITH head AS (
  UPDATE audit_head SET seq = %(seq)s, hash = %(hash)s WHERE tenant_id = %(tenant_id)s
)
INSERT INTO audit_event (tenant_id, street_id, district_id, seq, at, verb, case_id, step_id, step,
                         actor_id, actor_name, post, changes, request_id, prev_hash, hash)
VALUES (%(tenant_id)s, %(street_id)s, %(district_id)s, %(seq)s, %(at)s, %(verb)s, %(case_id)s, %(step_id)s,
        %(step)s, %(actor_id)s, %(actor_name)s, %(post)s, %(changes)s::jsonb, %(request_id)s,
        %(prev_hash)s, %(hash)s)
"""


def record(
    *,
    tenant_id: int,
    street_id: int,
    district_id: int,
    verb: str,
    actor_id: int | None,
    actor_name: str,
    post: str = "",
    case_id: int | None = None,
    step_id: int | None = None,
    step: str = "",
    changes: dict[str, Any] | None = None,
    request_id: str = "",
) -> None:
    """Append one event; it is there exactly if the surrounding transaction commits.

    Arguments: `changes` maps a field to its new value or to `[before, after]`; values must be JSON.
    The head row is locked until the transaction ends, so the events of one tenant are in commit order.
    """
    last_seq, prev_hash, at = _lock_head(tenant_id, street_id, district_id)
    entry = Entry(
        tenant_id=tenant_id,
        seq=last_seq + 1,
        at=at,
        verb=verb,
        case_id=case_id,
        step_id=step_id,
        step=step,
        actor_id=actor_id,
        actor_name=actor_name,
        post=post,
        changes=json.loads(json.dumps(changes or {})),
        request_id=request_id,
    )
    row = {
        **asdict(entry),
        "changes": json.dumps(entry.changes, ensure_ascii=False),
        "street_id": street_id,
        "district_id": district_id,
        "prev_hash": prev_hash,
        "hash": digest(prev_hash, entry),
    }
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, row)


def _lock_head(tenant_id: int, street_id: int, district_id: int) -> tuple[int, str, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_HEAD, [tenant_id, street_id, district_id, GENESIS])
        seq, last_hash, at = cursor.fetchone()
    return seq, last_hash, at
