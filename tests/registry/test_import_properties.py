"""Whatever a file holds, reading it ends in rows and problems, never in an error."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import roster_columns as columns
from registry.models import Member
from registry.roster_report import Unreadable
from registry.roster_rows import COLUMNS, IDENTITY, read_entries
from registry.roster_sheet import Row, read_rows
from tests.registry.lists import SHEET, person, workbook

TODAY = date(2026, 7, 1)
GOOD = workbook([person(1), person(3)]).getvalue()

cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.from_regex(r"[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?", fullmatch=True),
    st.from_regex(r"[0-9]{17}[0-9X]", fullmatch=True),
    st.sampled_from(["男", "女", "正式党员", "预备党员", "是", "否", "#N/A"]),
)
spoilt_rows = st.dictionaries(st.sampled_from(columns.ALL), cells).map(
    lambda changes: {**person(), **changes}
)


@given(st.lists(spoilt_rows, max_size=4))
def test_any_cells_make_entries_that_hold_or_say_why_not(rows: list[dict[str, object]]) -> None:
    entries = read_entries([Row(number, row) for number, row in enumerate(rows, 2)], today=TODAY)
    assert [entry.row for entry in entries] == list(range(2, len(rows) + 2))
    for entry in entries:
        assert all(problem.row == entry.row and problem.message for problem in entry.problems)
        if not entry.problems:
            assert entry.identity
            _require_storable(entry.values)


def _require_storable(values: dict[str, Any]) -> None:
    """Check that the database's limits hold, whatever was read."""
    required = {column.field for column in COLUMNS if column.needed} - {IDENTITY}
    assert required <= values.keys()
    for name, value in values.items():
        limit = Member._meta.get_field(name).max_length  # type: ignore[union-attr]
        if isinstance(value, str) and limit:
            assert len(value) <= limit
            assert "\0" not in value


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=200, deadline=None)
def test_a_workbook_with_any_bytes_changed_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    content = bytearray(GOOD)
    for at, byte in changes:
        content[at] = byte
    with suppress(Unreadable):
        read_rows(bytes(content))


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
@given(
    st.sampled_from([SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]),
    st.lists(st.tuples(st.floats(0, 0.999), st.sampled_from(b"<>/\"'0a9= &;")), min_size=1, max_size=4),
)
@settings(max_examples=200, deadline=None)
def test_a_workbook_with_any_letters_of_its_xml_changed_is_read_or_refused(
    part: str, changes: list[tuple[float, int]]
) -> None:
    spoilt = BytesIO()
    with ZipFile(BytesIO(GOOD)) as source, ZipFile(spoilt, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = bytearray(source.read(name))
            for share, letter in changes if name == part else []:
                content[int(share * len(content))] = letter
            target.writestr(name, bytes(content))
    with suppress(Unreadable):
        read_rows(spoilt.getvalue())
