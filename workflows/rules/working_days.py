"""Working days with public holidays and make-up days (调休).

Counting rule: the day of publication does not count; a period in working days skips weekends and
holidays and counts make-up days; it ends at the close of its last working day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """Days that differ from an ordinary week."""

    holidays: frozenset[date] = field(default_factory=frozenset)
    makeup_days: frozenset[date] = field(default_factory=frozenset)

    def is_working_day(self, day: date) -> bool:
        if day in self.makeup_days:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays


def last_day(published_on: date, working_days: int, calendar: Calendar) -> date:
    """Return the last day of a period of `working_days` (≥ 1) that was published on `published_on`.

    Raises ValueError for a period shorter than one day.
    """
    if working_days < 1:
        raise ValueError("A period has at least one working day.")
    day, counted = published_on, 0
    while counted < working_days:
        day += timedelta(days=1)
        counted += calendar.is_working_day(day)
    return day


def _days(year: int, *spans: tuple[int, int, int]) -> frozenset[date]:
    """Return the days of `(month, first, last)` spans."""
    return frozenset(date(year, month, day) for month, first, last in spans for day in range(first, last + 1))


# Source: the State Council's notice on the holidays of 2026 (国务院办公厅关于2026年部分节假日安排的通知).
NATIONAL = Calendar(
    holidays=_days(2026, (1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27), (10, 1, 7)),
    makeup_days=_days(2026, (1, 4, 4), (2, 14, 14), (2, 28, 28), (5, 9, 9), (9, 20, 20), (10, 10, 10)),
)
