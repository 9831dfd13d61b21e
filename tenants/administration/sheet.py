"""Read the list of a street's communities from an .xlsx workbook or a CSV file."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import StringIO
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook

from tenants.workbook import Unreadable, damaged, repack

LEVEL, NAME, SLUG, PARENT = "级别", "名称", "地址标识", "上级"
USERNAME, FULL_NAME = "书记用户名", "书记姓名"
REQUIRED = (LEVEL, NAME, SLUG)
COLUMNS = (*REQUIRED, PARENT, USERNAME, FULL_NAME)

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 50
LAST_ROW_OF_A_SHEET = 1_048_576

_ARCHIVES = (b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1"))


@dataclass(frozen=True)
class Row:
    """The texts of one row by the names of their columns; the number is the row's in the file."""

    number: int
    cells: dict[str, str]


def read_rows(file: IO[bytes]) -> list[Row]:
    """Return the rows below the header that are not empty, or raise Unreadable."""
    content = file.read(MAX_BYTES + 1)
    if not content:
        raise Unreadable(_("The file is empty."))
    if len(content) > MAX_BYTES:
        raise Unreadable(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2})
    if content.startswith(_ARCHIVES):
        return _from_workbook(content)
    return _read(_records(_decoded(content)))


def _from_workbook(content: bytes) -> list[Row]:
    archive = repack(content)
    try:
        with closing(load_workbook(archive, read_only=True, data_only=True, keep_links=False)) as book:
            sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
            if sheet is None:
                raise Unreadable(_("The workbook has no visible sheet."))
            rows = sheet.iter_rows(max_row=LAST_ROW_OF_A_SHEET, max_col=MAX_COLUMNS, values_only=True)
            return _read(enumerate(rows, start=1))
    except Unreadable:
        raise
    except Exception as error:  # A broken part makes openpyxl raise almost anything.
        raise damaged() from error


def _decoded(content: bytes) -> str:
    """Return the text of a CSV file: UTF-8 with or without its mark, UTF-16, or Excel's GB 18030."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("The file is neither an .xlsx workbook nor a CSV file in UTF-8 or GB 18030."))


def _records(text: str) -> Iterator[tuple[int, Sequence[object]]]:
    first_line = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",", "\t", ";", key=first_line.count)
    lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for values in lines:
            yield number, values
            number = lines.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            _("Row %(row)s cannot be read: is a quotation mark left open?") % {"row": number}
        ) from error


def _read(numbered: Iterable[tuple[int, Sequence[object]]]) -> list[Row]:
    places: dict[str, int] = {}
    rows: list[Row] = []
    for number, values in numbered:
        texts = [_text(value) for value in values]
        if not any(texts):
            continue
        if not places:
            places = _header(texts)
            continue
        cells = {name: texts[at] if at < len(texts) else "" for name, at in places.items()}
        if not any(cells.values()):
            continue
        if len(rows) == MAX_ROWS:
            raise Unreadable(_("The list has more than %(limit)s rows.") % {"limit": MAX_ROWS})
        rows.append(Row(number, cells))
    if not rows:
        raise Unreadable(_("The list has no rows below its header."))
    return rows


def _header(texts: Sequence[str]) -> dict[str, int]:
    names = ["".join(text.split()).strip("*＊") for text in texts]
    if missing := [name for name in REQUIRED if name not in names]:
        raise Unreadable(_("These columns are missing: %(names)s.") % {"names": "、".join(missing)})
    if twice := [name for name in COLUMNS if names.count(name) > 1]:
        raise Unreadable(_("These columns are there twice: %(names)s.") % {"names": "、".join(twice)})
    return {name: names.index(name) for name in COLUMNS if name in names}


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def write_template(target: IO[bytes]) -> None:
    """Write a workbook with the columns and an example of a street with two communities."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("街道和社区")
    for line in (
        COLUMNS,
        ("街道", "示例街道", "shili", "dongcheng", "", ""),
        ("社区", "示例一社区", "shili-yi", "shili", "zhangwei", "张伟"),
        ("社区", "示例二社区", "shili-er", "shili", "", ""),
    ):
        sheet.append(list(line))
    book.save(target)
