"""Working days, holidays and make-up days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.rules.working_days import NATIONAL, Calendar, last_day

days = st.dates(date(2025, 1, 1), date(2030, 12, 31))
some_days = st.frozensets(days, max_size=60)


def test_the_day_of_publication_does_not_count() -> None:
    assert last_day(date(2026, 6, 8), 5, Calendar()) == date(2026, 6, 15)  # Monday to Monday


def test_a_notice_before_the_national_day_ends_after_it() -> None:
    # Published on Wednesday 30 September: 8, 9 and the make-up Saturday 10 October, then 12 and 13.
    assert last_day(date(2026, 9, 30), 5, NATIONAL) == date(2026, 10, 13)


def test_a_make_up_saturday_is_a_working_day_and_an_ordinary_one_is_not() -> None:
    assert NATIONAL.is_working_day(date(2026, 2, 28))
    assert not NATIONAL.is_working_day(date(2026, 3, 7))


def test_a_period_has_at_least_one_day() -> None:
    with pytest.raises(ValueError, match="at least one"):
        last_day(date(2026, 6, 8), 0, NATIONAL)


@given(start=days, length=st.integers(1, 30), holidays=some_days, makeup=some_days)
def test_a_period_holds_exactly_its_working_days_and_ends_on_one(
    start: date, length: int, holidays: frozenset[date], makeup: frozenset[date]
) -> None:
    calendar = Calendar(holidays, makeup)
    end = last_day(start, length, calendar)
    span = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(calendar.is_working_day(day) for day in span) == length
    assert calendar.is_working_day(end)


@given(start=days, length=st.integers(1, 29))
def test_a_longer_period_ends_later(start: date, length: int) -> None:
    assert last_day(start, length, NATIONAL) < last_day(start, length + 1, NATIONAL)
