"""What changing an account has in common: everywhere the person works, the log keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tenants import trail
from tenants.actors import Actor
from tenants.models import Tenant
from tenants.scope import side_of


def record_everywhere(
    verb: str, places: Iterable[Tenant], *, actor: Actor | None, post: str, changes: dict[str, Any]
) -> None:
    """Inside an administration's scope, write the same event into several tenants' logs."""
    for place in places:
        with side_of(place):
            trail.record(verb, actor=actor, post=post, changes=changes)
