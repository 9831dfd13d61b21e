"""What the creation of a street tells the person who started it."""

from __future__ import annotations

from dataclasses import dataclass

from tenants.models import Tenant

WHOLE_FILE = 0
"""The row of a problem that concerns the file and not one row of it."""


@dataclass(frozen=True)
class Problem:
    """One thing to correct: the row and column as the file has them (row 0: the whole file)."""

    row: int
    column: str
    message: str


@dataclass(frozen=True)
class Report:
    """How it ended: the new street, how many tenants there are of it, the accounts without a password yet.

    With a problem anywhere nothing was written, and `street` is None.
    """

    street: Tenant | None = None
    tenants: int = 0
    accounts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def written(self) -> bool:
        return self.street is not None
