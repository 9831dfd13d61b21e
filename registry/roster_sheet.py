"""Find the columns and rows of a member list in a spreadsheet.

Whatever the file is, the answer is rows, or Unreadable with one problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from registry import roster_columns
from registry.roster_archive import damaged, repack
from registry.roster_report import Unreadable

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 100
LAST_ROW_OF_A_SHEET = 1_048_576
HEADER_ROWS = 2

Values = tuple[object, ...]


@dataclass(frozen=True)
class Row:
    """The cells of one row by the names of their columns; the number is the row's in the file."""

    number: int
    cells: dict[str, object]


def read_bytes(file: IO[bytes]) -> bytes:
    """Return what the file holds, unless it is empty or too large."""
    content = file.read(MAX_BYTES + 1)
    if not content:
        raise Unreadable(_("The file is empty."))
    if len(content) > MAX_BYTES:
        raise Unreadable(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2})
    return content


def read_rows(content: bytes) -> list[Row]:
    """Return the rows of the first visible sheet that have anything in a known column."""
    archive = repack(content)
    try:
        with closing(load_workbook(archive, read_only=True, data_only=True, keep_links=False)) as book:
            sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
            if sheet is None:
                raise Unreadable(_("The workbook has no visible sheet."))
            # The limits are ours, for the size that a file states of itself may be wrong.
            rows = sheet.iter_rows(max_row=LAST_ROW_OF_A_SHEET, max_col=MAX_COLUMNS, values_only=True)
            return _read_rows(enumerate(rows, start=1))
    except Unreadable:
        raise
    except Exception as error:  # A broken part makes openpyxl raise almost anything.
        raise damaged() from error


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _read_rows(numbered: Iterator[tuple[int, Values]]) -> list[Row]:
    top = list(islice(numbered, HEADER_ROWS))
    header_row, columns = _find_header(top)
    rows: list[Row] = []
    for number, values in chain(top[header_row:], numbered):
        cells = {name: values[at] for name, at in columns.items() if at < len(values)}
        if all(is_blank(value) for value in cells.values()):
            continue
        if len(rows) == MAX_ROWS:
            raise Unreadable(_("The list has more than %(limit)s rows.") % {"limit": MAX_ROWS})
        rows.append(Row(number, cells))
    if not rows:
        raise Unreadable(_("The list has no rows below its header."))
    return rows


def _find_header(top: Sequence[tuple[int, Values]]) -> tuple[int, dict[str, int]]:
    """Return the header's row and where each known column is: in the first row, or below a title."""
    places_in = {number: _places(values) for number, values in top}
    row = max(places_in, key=lambda number: len(places_in[number]), default=1)
    places = places_in.get(row, {})
    if missing := [name for name in roster_columns.REQUIRED if name not in places]:
        raise Unreadable(_("These columns are missing: %(names)s.") % {"names": "、".join(missing)}, row)
    if twice := [name for name, at in places.items() if len(at) > 1]:
        raise Unreadable(_("These columns are there twice: %(names)s.") % {"names": "、".join(twice)}, row)
    return row, {name: at[0] for name, at in places.items()}


def _places(values: Values) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for at, value in enumerate(values):
        name = "".join(value.split()).strip("*＊") if isinstance(value, str) else ""
        if name in roster_columns.ALL:
            places.setdefault(name, []).append(at)
    return places
