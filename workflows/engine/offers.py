"""Whom a step is offered to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from tenants.scope import Scope, active_scope
from workflows.models import Process, Task


class Offer(Protocol):
    """Put a new step before the people who may act in it."""

    def offer(self, step: Task, case: Process) -> None: ...

    def roles(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class PostOffer:
    """The holders of a post: any one of them acts. `levels_up` counts from the case's tenant."""

    role: str
    levels_up: int = 0

    def offer(self, step: Task, case: Process) -> None:
        step.post_role = self.role
        step.post_tenant_id = _superior(active_scope(), self.levels_up)

    def roles(self) -> tuple[str, ...]:
        return (self.role,)


@dataclass(frozen=True)
class ApplicantOffer:
    """The person who started the case."""

    def offer(self, step: Task, case: Process) -> None:
        step.offered_to_id = case.applicant_id

    def roles(self) -> tuple[str, ...]:
        return ()


def here(role: str) -> PostOffer:
    """Offer to a post of the case's own tenant."""
    return PostOffer(role)


def above(role: str, levels: int = 1) -> PostOffer:
    """Offer to a post of the tenant `levels` up the tree: 1 is a community's street, 2 its district."""
    return PostOffer(role, levels)


def applicant() -> ApplicantOffer:
    """Offer to the person who started the case."""
    return ApplicantOffer()


def _superior(scope: Scope, levels_up: int) -> int:
    line = [scope.tenant_id, scope.street_id, scope.district_id]
    above_own = [tenant_id for tenant_id in line if tenant_id]
    # A street is its own street: each tenant counts once on the way up.
    path: list[Any] = list(dict.fromkeys(above_own))
    if levels_up >= len(path):
        raise LookupError(f"There is no tenant {levels_up} levels above tenant {scope.tenant_id}.")
    return int(path[levels_up])
