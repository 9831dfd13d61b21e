"""What administration needs of the cases, which lie above the tenants: said here, done there.

`workflows` registers its answer when the application starts.
"""

from __future__ import annotations

from typing import Protocol

from tenants.actors import Actor, Post


class CaseWork(Protocol):
    """Every method works in the active scope."""

    def open_cases(self) -> int:
        """Count the tenant's cases that have not ended."""
        ...

    def readdress(self, moves: dict[int, int], *, actor: Actor | None) -> int:
        """Offer the tenant's open steps to the posts of other tenants: old id → new id; return how many."""
        ...

    def tenants_with_claims(self, user_id: int, post: Post) -> list[int]:
        """Return the tenants in reach where a person has claimed steps that are offered to a post."""
        ...

    def release_claims(self, user_id: int, post: Post, *, actor: Actor | None) -> int:
        """Give the steps back to the post that a person has claimed in the tenant; return how many."""
        ...


_registered: list[CaseWork] = []


def register(case_work: CaseWork) -> None:
    """Make this the answer; an application has one."""
    _registered[:] = [case_work]


def case_work() -> CaseWork:
    """Return what was registered."""
    return _registered[0]
