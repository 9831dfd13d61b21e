"""Read the rows of a member list and check each: its cells, and how they fit together.

Nothing here reads a clock or a database: `today` is passed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from registry import roster_columns as columns
from registry.identity import IdentityNumber
from registry.models import Gender, Standing
from registry.roster_cells import BadCell, Reader, choice, day, identity_number, person_name, phone, text
from registry.roster_report import Problem
from registry.roster_sheet import Row, is_blank


@dataclass(frozen=True)
class Column:
    """A column, the field that it fills and how it is read; a blank one leaves the field's default."""

    name: str
    field: str
    read: Reader
    needed: bool = False


_YES_NO = choice({columns.YES: True, columns.NO: False})
_GENDER = choice({columns.MALE: Gender.MALE, columns.FEMALE: Gender.FEMALE})
_STANDING = choice({columns.FULL: Standing.FULL, columns.PROBATIONARY: Standing.PROBATIONARY})

IDENTITY = "identity"
"""The one value that is not kept as it is read."""

COLUMNS = (
    Column(columns.NAME, "name", person_name(100), needed=True),
    Column(columns.GENDER, "gender", _GENDER, needed=True),
    Column(columns.IDENTITY_NUMBER, IDENTITY, identity_number, needed=True),
    Column(columns.ETHNICITY, "ethnicity", text(30), needed=True),
    Column(columns.BIRTH_DATE, "birth_date", day, needed=True),
    Column(columns.EDUCATION, "education", text(50)),
    Column(columns.STANDING, "standing", _STANDING, needed=True),
    Column(columns.BRANCH, "branch", text(100)),
    Column(columns.PHONE, "phone", phone),
    Column(columns.JOINED_ON, "joined_on", day, needed=True),
    Column(columns.FULL_SINCE, "full_since", day),
    Column(columns.OCCUPATION, "occupation", text(100)),
    Column(columns.RESIDENCE, "residence", text(200)),
    Column(columns.OUT_OF_CONTACT, "is_out_of_contact", _YES_NO),
    Column(columns.MOBILE, "is_mobile", _YES_NO),
    Column(columns.HOME_ORGANISATION, "home_organisation", text(200)),
)


@dataclass
class Entry:
    """What a row says of one person, as far as it could be read, and what is wrong with it."""

    row: int
    identity: IdentityNumber | None = None
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, column: str, message: str) -> None:
        self.problems.append(Problem(self.row, column, message))

    def refused(self, column: str) -> bool:
        return any(problem.column == column for problem in self.problems)


def read_entries(rows: Iterable[Row], *, today: date) -> list[Entry]:
    """Read and check every row, also against the others."""
    entries = [_read(row) for row in rows]
    for entry in entries:
        _check_dates(entry, today)
        _check_standing(entry)
        _check_identity(entry)
        _check_branch(entry)
    _check_repeated(entries)
    return entries


def _read(row: Row) -> Entry:
    entry = Entry(row.number)
    for column in COLUMNS:
        value = row.cells.get(column.name)
        if is_blank(value):
            if column.needed:
                entry.refuse(column.name, _("This is missing."))
            continue
        try:
            entry.values[column.field] = column.read(value)
        except BadCell as bad:
            entry.refuse(column.name, str(bad))
    entry.identity = entry.values.pop(IDENTITY, None)
    return entry


def _check_dates(entry: Entry, today: date) -> None:
    born, joined, full = (entry.values.get(name) for name in ("birth_date", "joined_on", "full_since"))
    dates = ((columns.BIRTH_DATE, born), (columns.JOINED_ON, joined), (columns.FULL_SINCE, full))
    for column, given in dates:
        if given and given > today:
            entry.refuse(column, _("The date lies in the future."))
    if born and joined and joined <= born:
        entry.refuse(columns.JOINED_ON, _("The date is not after the date of birth."))
    if joined and full and full < joined:
        entry.refuse(columns.FULL_SINCE, _("The date is before the date of joining."))


def _check_standing(entry: Entry) -> None:
    standing, full_since = entry.values.get("standing"), entry.values.get("full_since")
    if standing == Standing.FULL and not full_since and not entry.refused(columns.FULL_SINCE):
        entry.refuse(columns.FULL_SINCE, _("A full member needs this date."))
    if standing == Standing.PROBATIONARY and full_since:
        entry.refuse(columns.FULL_SINCE, _("A probationary member has no such date yet."))


def _check_identity(entry: Entry) -> None:
    if not entry.identity:
        return
    born, gender = entry.values.get("birth_date"), entry.values.get("gender")
    if born and born != entry.identity.birth_date:
        entry.refuse(columns.BIRTH_DATE, _("The identity number says another date of birth."))
    if gender and (gender == Gender.MALE) != entry.identity.is_male:
        entry.refuse(columns.GENDER, _("The identity number says another gender."))


def _check_branch(entry: Entry) -> None:
    """A community's own member belongs to one of its branches; the others' branches are elsewhere."""
    placed = {"branch", "home_organisation"} & entry.values.keys()
    if not placed and not entry.refused(columns.BRANCH) and not entry.refused(columns.HOME_ORGANISATION):
        message = _("A member needs a branch here, or the organisation elsewhere in the column %(column)s.")
        entry.refuse(columns.BRANCH, message % {"column": columns.HOME_ORGANISATION})


def _check_repeated(entries: Iterable[Entry]) -> None:
    """Refuse every row of a person who is there twice: which of them is right, nobody here can know."""
    for same in _by_number(entries):
        for entry in same:
            rows = "、".join(str(other.row) for other in same if other is not entry)
            message = _("The same identity number is in row %(rows)s.") % {"rows": rows}
            entry.refuse(columns.IDENTITY_NUMBER, message)


def _by_number(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    people: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.identity:
            people[entry.identity.number].append(entry)
    return (same for same in people.values() if len(same) > 1)
