"""Write one event to a tenant's log, in the caller's transaction."""

from __future__ import annotations

import json
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
  UPDATE audit_head SET seq = %s, hash = %s WHERE tenant_id = %s
)
INSERT INTO audit_event (tenant_id, street_id, district_id, seq, at, verb, case_id, step_id, step,
                         actor_id, actor_name, post, changes, request_id, prev_hash, hash)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s)
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
    changes = json.loads(json.dumps(changes or {}, ensure_ascii=False))
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_HEAD, [tenant_id, street_id, district_id, GENESIS])
        last_seq, prev_hash, at = _head(cursor.fetchone())
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
            changes=changes,
            request_id=request_id,
        )
        new_hash = digest(prev_hash, entry)
        cursor.execute(
            _APPEND,
            [
                entry.seq,
                new_hash,
                tenant_id,
                tenant_id,
                street_id,
                district_id,
                entry.seq,
                at,
                verb,
                case_id,
                step_id,
                step,
                actor_id,
                actor_name,
                post,
                json.dumps(changes, ensure_ascii=False),
                request_id,
                prev_hash,
                new_hash,
            ],
        )


def _head(row: tuple[int, str, datetime] | None) -> tuple[int, str, datetime]:
    if row is None:
        raise RuntimeError("The log's head row is not visible: no tenant scope is active.")
    return row
