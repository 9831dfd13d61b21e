"""Files that are not what they seem: one clear problem, nothing written, in bounded time and memory."""

from __future__ import annotations

import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from openpyxl import Workbook

from registry import roster_columns as columns
from registry.roster_archive import MAX_UNPACKED_BYTES
from registry.roster_report import WHOLE_FILE
from registry.roster_sheet import MAX_BYTES, MAX_ROWS
from tests.cast import Cast
from tests.registry.lists import SHEET, changed, imports, load, members, person, saved, workbook

DAMAGED = "not an .xlsx workbook, or it is damaged"
TOO_MUCH = "unpacks to more than a member list can hold"
OLD_CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")


def good() -> BytesIO:
    return workbook([person()])


def refused(cast: Cast, file: BytesIO, row: int = WHOLE_FILE) -> str:
    """Import the file, see that it is refused as a whole with one problem, and return the message."""
    report = load(cast.shicheng, file, actor=cast.actor("li_min"), skip_bad=True)
    (problem,) = report.problems
    assert (problem.row, problem.column, report.imported, report.written) == (row, "", 0, False)
    assert not members(cast.shicheng)
    assert not imports(cast.shicheng)
    return problem.message


def test_an_empty_file(cast: Cast) -> None:
    assert "empty" in refused(cast, BytesIO())


def test_a_file_that_is_too_large(cast: Cast) -> None:
    assert "larger than 5 MB" in refused(cast, BytesIO(b"x" * (MAX_BYTES + 1)))


def test_text_with_another_ending(cast: Cast) -> None:
    assert DAMAGED in refused(cast, BytesIO("姓名,性别\n张三,男\n".encode()))


def test_a_workbook_protected_by_a_password(cast: Cast) -> None:
    content = OLD_CONTAINER + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le")
    assert "password" in refused(cast, BytesIO(content))


def test_a_workbook_of_the_old_format(cast: Cast) -> None:
    assert "old format" in refused(cast, BytesIO(OLD_CONTAINER + b"\0" * 500))


def test_an_archive_with_a_password(cast: Cast) -> None:
    content = bytearray(good().getvalue())
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    assert "password" in refused(cast, BytesIO(content))


def test_an_archive_that_is_no_workbook(cast: Cast) -> None:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("letter.txt", "hello")
    file.seek(0)
    assert DAMAGED in refused(cast, file)


@pytest.mark.parametrize("kept", [10, 1_000, 5_000])
def test_half_a_file(cast: Cast, kept: int) -> None:
    assert DAMAGED in refused(cast, BytesIO(good().getvalue()[:kept]))


def test_a_file_with_spoilt_bytes(cast: Cast) -> None:
    content = bytearray(good().getvalue())
    content[60:90] = b"\xff" * 30
    assert DAMAGED in refused(cast, BytesIO(content))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"</sheetData>", b""),
        (b'r="A1"', b'r="ZZZZ1"'),
        (b'<row r="2"', b'<row r="two"'),
        (b's="1"', b's="one"'),
        (b's="1" t="n"', b't="s"'),
        (b"<is>", b"<is><t><r></t></r>"),
    ],
)
def test_a_sheet_whose_xml_makes_no_sense(cast: Cast, old: bytes, new: bytes) -> None:
    assert DAMAGED in refused(cast, changed(good(), SHEET, old, new))


def test_a_workbook_without_a_visible_sheet(cast: Cast) -> None:
    file = changed(good(), "xl/workbook.xml", b'state="visible"', b'state="hidden"')
    assert "no visible sheet" in refused(cast, file)


def test_a_header_and_nothing_below(cast: Cast) -> None:
    assert "no rows" in refused(cast, workbook([]))


def test_an_empty_sheet_names_every_missing_column(cast: Cast) -> None:
    message = refused(cast, saved(Workbook()), row=1)
    assert all(name in message for name in columns.REQUIRED)


def test_missing_columns_are_named_together_at_the_header(cast: Cast) -> None:
    header = [name for name in columns.ALL if name not in (columns.GENDER, columns.FULL_SINCE)]
    message = refused(cast, workbook([person()], header=header, title="名册"), row=2)
    assert message == f"These columns are missing: {columns.GENDER}、{columns.FULL_SINCE}."


def test_a_column_that_is_there_twice(cast: Cast) -> None:
    message = refused(cast, workbook([person()], header=[*columns.ALL, columns.PHONE]), row=1)
    assert message == f"These columns are there twice: {columns.PHONE}."


def test_more_rows_than_a_community_can_have(cast: Cast) -> None:
    rows = ({columns.NAME: "张三"} for _ in range(MAX_ROWS + 1))
    assert "more than 20000 rows" in refused(cast, workbook(rows, header=columns.REQUIRED))


@pytest.mark.filterwarnings("ignore:Cell .* is marked as a date")
def test_a_date_beyond_the_calendar_is_a_bad_cell(cast: Cast) -> None:
    book = Workbook()
    sheet = book["Sheet"]
    sheet.append(columns.ALL)
    sheet.append([person().get(name) for name in columns.ALL])
    cell = sheet.cell(2, columns.ALL.index(columns.JOINED_ON) + 1)
    cell.value, cell.number_format = 99_999_999, "yyyy-mm-dd"
    (problem,) = load(cast.shicheng, saved(book)).problems
    assert (problem.row, problem.column) == (2, columns.JOINED_ON)
    assert "#VALUE!" in problem.message


def test_a_size_that_the_file_states_wrongly_is_not_believed(cast: Cast) -> None:
    file = changed(good(), SHEET, b"<sheetData>", b'<dimension ref="A1:A1"/><sheetData>')
    assert load(cast.shicheng, file).imported == 1


def test_a_row_number_beyond_any_sheet_ends_the_reading(cast: Cast) -> None:
    far = b'<row r="999999999999"><c r="A1"><v>1</v></c></row></sheetData>'
    assert load(cast.shicheng, changed(good(), SHEET, b"</sheetData>", far)).imported == 1


def test_a_flood_of_empty_cells_in_one_row(cast: Cast) -> None:
    flood = b"<row>" + b"<c/>" * 5_000_000 + b"</row></sheetData>"
    assert TOO_MUCH in refused(cast, changed(good(), SHEET, b"</sheetData>", flood))


def test_a_flood_of_empty_rows(cast: Cast) -> None:
    flood = b"<row/>" * 2_100_000 + b"</sheetData>"
    assert TOO_MUCH in refused(cast, changed(good(), SHEET, b"</sheetData>", flood))


def test_a_flood_of_styles(cast: Cast) -> None:
    flood = b"<xf/>" * 200_000 + b"</cellXfs>"
    assert TOO_MUCH in refused(cast, changed(good(), "xl/styles.xml", b"</cellXfs>", flood))


def test_a_flood_of_attributes(cast: Cast) -> None:
    attributes = b" ".join(b'a%d=""' % index for index in range(200_000))
    flood = b"<row " + attributes + b"/></sheetData>"
    assert TOO_MUCH in refused(cast, changed(good(), SHEET, b"</sheetData>", flood))


def test_one_part_that_unpacks_without_end(cast: Cast) -> None:
    flood = b"</sheetData><!---->" + b" " * (MAX_UNPACKED_BYTES + 1)
    assert TOO_MUCH in refused(cast, changed(good(), SHEET, b"</sheetData>", flood))


def test_a_directory_that_understates_what_a_part_unpacks_to(cast: Cast) -> None:
    file = BytesIO(good().getvalue())
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr("docProps/big.xml", b"<a>" + b" " * 30_000_000 + b"</a>")
    content = bytearray(file.getvalue())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 100)
    assert DAMAGED in refused(cast, BytesIO(content))


def test_entities_that_grow(cast: Cast) -> None:
    doctype = b'<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><worksheet'
    assert DAMAGED in refused(cast, changed(good(), SHEET, b"<worksheet", doctype))


def test_an_archive_of_very_many_parts(cast: Cast) -> None:
    file = BytesIO(good().getvalue())
    with ZipFile(file, "a", ZIP_STORED) as archive:
        for index in range(600):
            archive.writestr(f"part{index}.xml", "<a/>")
    assert DAMAGED in refused(cast, BytesIO(file.getvalue()))
