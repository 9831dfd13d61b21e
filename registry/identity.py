"""Citizen identity numbers (GB 11643): check them, mask them, find a person again by a keyed hash.

Six digits of region, eight of birth, three of sequence (odd for men) and a check character.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

LENGTH = 18
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"


class Flaw(StrEnum):
    """What is wrong with a number; the reader puts it into words."""

    LENGTH = "length"
    CHARACTERS = "characters"
    BIRTH_DATE = "birth_date"
    CHECK_CHARACTER = "check_character"


class BadIdentityNumber(ValueError):
    """Not an identity number; the number itself is not repeated, for messages are kept."""

    def __init__(self, flaw: Flaw) -> None:
        self.flaw = flaw
        super().__init__(flaw.value)


@dataclass(frozen=True)
class IdentityNumber:
    """A checked number and what it says of its holder."""

    number: str = field(repr=False)
    birth_date: date = field(repr=False)
    is_male: bool = field(repr=False)


def check_character(first_seventeen: str) -> str:
    """Return the last character of the number that begins with these digits (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def normalise(text: str) -> str:
    """Return a number as it is compared: no spaces around it, a capital X."""
    return text.strip().upper()


def parse(text: str) -> IdentityNumber:
    """Check a number; raise BadIdentityNumber with the first flaw."""
    number = normalise(text)
    if len(number) != LENGTH:
        raise BadIdentityNumber(Flaw.LENGTH)
    if not _SHAPE.fullmatch(number):
        raise BadIdentityNumber(Flaw.CHARACTERS)
    if number[-1] != check_character(number[:-1]):
        raise BadIdentityNumber(Flaw.CHECK_CHARACTER)
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise BadIdentityNumber(Flaw.BIRTH_DATE) from error
    return IdentityNumber(number, birth_date, is_male=int(number[16]) % 2 == 1)


def mask(number: str) -> str:
    """Return the number for reading: `110***********123X`."""
    number = normalise(number)
    return f"{number[:3]}{'*' * (LENGTH - 7)}{number[-4:]}"


def keyed_hash(number: str, key: str) -> str:
    """Return the HMAC-SHA256 by which a person is found again; useless without the key."""
    return hmac.new(key.encode(), normalise(number).encode(), hashlib.sha256).hexdigest()
