"""What an import tells the person who started it."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    """How an import ended: how many members were added, what is wrong, and whether anything was written."""

    imported: int = 0
    problems: list[Problem] = field(default_factory=list)
    written: bool = False


class Unreadable(Exception):
    """The file as a whole cannot be imported; `problem` says why."""

    def __init__(self, message: str, row: int = WHOLE_FILE) -> None:
        self.problem = Problem(row, "", message)
        super().__init__(message)
