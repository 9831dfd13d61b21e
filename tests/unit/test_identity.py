"""Identity numbers: checked, masked, found again."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from registry.identity import (
    BadIdentityNumber,
    Flaw,
    IdentityNumber,
    check_character,
    keyed_hash,
    mask,
    parse,
)

KEY = "a key"
DIGITS = "0123456789"

births = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    region = draw(st.text(DIGITS, min_size=6, max_size=6))
    sequence = draw(st.text(DIGITS, min_size=3, max_size=3))
    digits = f"{region}{draw(births):%Y%m%d}{sequence}"
    return digits + check_character(digits)


def flaw(text: str) -> Flaw:
    with pytest.raises(BadIdentityNumber) as refusal:
        parse(text)
    return refusal.value.flaw


def test_the_standard_s_own_examples_hold() -> None:
    assert parse("11010519491231002X") == IdentityNumber("11010519491231002X", date(1949, 12, 31), False)
    assert parse("440524188001010014").is_male


@given(numbers())
def test_a_number_with_its_check_character_says_when_its_holder_was_born(number: str) -> None:
    assert f"{parse(number).birth_date:%Y%m%d}" == number[6:14]


@given(numbers(), st.sampled_from(["", " ", "\t", "　", "\n"]))
def test_spaces_around_it_and_a_small_x_make_no_difference(number: str, space: str) -> None:
    spelling = space + number.lower() + space
    assert parse(spelling) == parse(number)
    assert keyed_hash(spelling, KEY) == keyed_hash(number, KEY)
    assert mask(spelling) == mask(number)


@given(numbers(), st.integers(0, 16), st.sampled_from(DIGITS))
def test_any_one_wrong_digit_is_found(number: str, at: int, digit: str) -> None:
    assume(number[at] != digit)
    assert flaw(number[:at] + digit + number[at + 1 :]) == Flaw.CHECK_CHARACTER


@given(numbers(), st.integers(0, 15))
def test_any_two_digits_that_changed_places_are_found(number: str, at: int) -> None:
    assume(number[at] != number[at + 1])
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert flaw(swapped) == Flaw.CHECK_CHARACTER


@given(numbers(), st.sampled_from(DIGITS + "X"))
def test_any_wrong_check_character_is_found(number: str, last: str) -> None:
    assume(number[-1] != last)
    assert flaw(number[:-1] + last) == Flaw.CHECK_CHARACTER


@given(st.text())
def test_whatever_the_text_it_is_a_number_or_a_flaw(text: str) -> None:
    with suppress(BadIdentityNumber):
        assert re.fullmatch("[0-9]{17}[0-9X]", parse(text).number)


@pytest.mark.parametrize("month_and_day", ["0230", "1301", "0100", "0000"])
def test_a_day_that_never_was_is_a_flaw(month_and_day: str) -> None:
    digits = f"0000001970{month_and_day}001"
    assert flaw(digits + check_character(digits)) == Flaw.BIRTH_DATE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Flaw.LENGTH),
        ("130503670401001", Flaw.LENGTH),
        ("11010519491231002X1", Flaw.LENGTH),
        ("1101051949123100XX", Flaw.CHARACTERS),
        ("１1010519491231002X", Flaw.CHARACTERS),
        ("11010519491231002Y", Flaw.CHARACTERS),
    ],
)
def test_what_is_not_a_number_says_why(text: str, expected: Flaw) -> None:
    assert flaw(text) == expected


def test_neither_a_refusal_nor_a_number_shows_the_number_by_accident() -> None:
    with pytest.raises(BadIdentityNumber) as refusal:
        parse("110105194912310021")
    assert "1949" not in str(refusal.value)
    assert "1949" not in repr(parse("11010519491231002X"))


@given(numbers())
def test_a_mask_shows_the_first_three_and_the_last_four(number: str) -> None:
    assert mask(number) == number[:3] + "*" * 11 + number[-4:]


@given(numbers(), numbers())
def test_a_hash_finds_the_same_person_and_no_other(one: str, other: str) -> None:
    assert (keyed_hash(one, KEY) == keyed_hash(other, KEY)) == (one == other)
    assert re.fullmatch("[0-9a-f]{64}", keyed_hash(one, KEY))


@given(numbers(), st.text(), st.text())
def test_another_key_gives_another_hash(number: str, one: str, other: str) -> None:
    assume(one.strip("\0") != other.strip("\0"))
    assert keyed_hash(number, one) != keyed_hash(number, other)
