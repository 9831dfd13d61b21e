"""Write the active tenant's audit log."""

from __future__ import annotations

from typing import Any

from audit.record import record as append
from tenants.actors import Actor
from tenants.scope import active_scope


def record(
    verb: str,
    *,
    actor: Actor | None,
    post: str = "",
    case_id: int | None = None,
    step_id: int | None = None,
    step: str = "",
    changes: dict[str, Any] | None = None,
) -> None:
    """Append an event to the log of the tenant whose scope is active; no actor means the system."""
    scope = active_scope()
    append(
        tenant_id=scope.tenant_id,
        street_id=scope.street_id,
        district_id=scope.district_id,
        verb=verb,
        actor_id=actor.user_id if actor else None,
        actor_name=actor.name if actor else "system",
        post=post,
        case_id=case_id,
        step_id=step_id,
        step=step,
        changes=changes,
        request_id=actor.request_id if actor else "",
    )
