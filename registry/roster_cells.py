"""Read one cell of a member list: each reader returns the value or raises BadCell with what is wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.cell.cell import ERROR_CODES

from registry.identity import BadIdentityNumber, Flaw, IdentityNumber, parse

Reader = Callable[[object], Any]

QUOTED_LENGTH = 20
UNPRINTABLE = ("Cc", "Cs")

_DAY = re.compile(
    r"""
    (?P<year>[0-9]{4})
    (?: (?P<sign>[-/.]) (?P<month>[0-9]{1,2}) (?P=sign) (?P<day>[0-9]{1,2})
      | (?P<packed_month>[0-9]{2}) (?P<packed_day>[0-9]{2})
      | 年 (?P<chinese_month>[0-9]{1,2}) 月 (?P<chinese_day>[0-9]{1,2}) 日
    )
    """,
    re.VERBOSE,
)
_PHONE = re.compile(r"\+?[0-9]([ -]?[0-9]){6,14}")
_HAN_WITH_GAPS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff\s]+")


class BadCell(ValueError):
    """A cell that cannot be read; the message is for the person who wrote it."""


def text(limit: int) -> Reader:
    """Return a reader of text up to a length."""

    def read(value: object) -> str:
        words = " ".join(_plain(value).split())
        if any(unicodedata.category(character) in UNPRINTABLE for character in words):
            raise BadCell(_("There is a control character in the text."))
        if len(words) > limit:
            raise BadCell(_("The text is longer than %(limit)s characters.") % {"limit": limit})
        return words

    return read


def person_name(limit: int) -> Reader:
    """Return a reader of names, in which lists like to spread two characters over the width of three."""
    read_text = text(limit)

    def read(value: object) -> str:
        name: str = read_text(value)
        return "".join(name.split()) if _HAN_WITH_GAPS.fullmatch(name) else name

    return read


def choice(meanings: Mapping[str, Any]) -> Reader:
    """Return a reader of one of a few words."""

    def read(value: object) -> Any:
        word = _compact(value)
        if word not in meanings:
            details = {"value": _quoted(word), "allowed": "、".join(meanings)}
            raise BadCell(_("“%(value)s” is not one of %(allowed)s.") % details)
        return meanings[word]

    return read


def day(value: object) -> date:
    """Read a date cell, or a date in one of the usual spellings."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    spelling = _compact(value)
    match = _DAY.fullmatch(spelling)
    if not match:
        message = _("“%(value)s” is not a date such as 2001-07-01 or 2001年7月1日.")
        raise BadCell(message % {"value": _quoted(spelling)})
    month = match["month"] or match["packed_month"] or match["chinese_month"]
    day_of_month = match["day"] or match["packed_day"] or match["chinese_day"]
    try:
        return date(int(match["year"]), int(month), int(day_of_month))
    except ValueError as error:
        raise BadCell(_("There is no such day as “%(value)s”.") % {"value": _quoted(spelling)}) from error


def phone(value: object) -> str:
    """Read a telephone number; it is not repeated in the message."""
    number = unicodedata.normalize("NFKC", " ".join(_plain(value).split()))
    if not _PHONE.fullmatch(number):
        raise BadCell(_("This is not a telephone number."))
    return number


def identity_number(value: object) -> IdentityNumber:
    """Read an identity number; it is not repeated in the message."""
    if isinstance(value, int | float):
        # A spreadsheet keeps 15 digits of a number and makes the rest zeros.
        raise BadCell(_("The number is stored as a figure and has lost digits. Format the column as text."))
    try:
        return parse(unicodedata.normalize("NFKC", _plain(value)))
    except BadIdentityNumber as error:
        raise BadCell(_flaw(error.flaw)) from error


def _flaw(flaw: Flaw) -> str:
    match flaw:
        case Flaw.LENGTH:
            return _("An identity number has 18 characters.")
        case Flaw.CHARACTERS:
            return _("An identity number has 17 digits and then a digit or X.")
        case Flaw.BIRTH_DATE:
            return _("The date of birth inside the identity number does not exist.")
        case Flaw.CHECK_CHARACTER:
            return _("The last character does not fit the others: a digit is wrong.")


def _plain(value: object) -> str:
    """Return what a cell shows, if that can be meant as text."""
    if isinstance(value, str):
        if value in ERROR_CODES:
            raise BadCell(_("The cell holds the error %(error)s.") % {"error": value})
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise BadCell(_("The cell holds neither text nor a plain number."))


def _compact(value: object) -> str:
    """Return text without spaces and with half-width digits."""
    return unicodedata.normalize("NFKC", "".join(_plain(value).split()))


def _quoted(word: str) -> str:
    return word if len(word) <= QUOTED_LENGTH else word[:QUOTED_LENGTH] + "…"
