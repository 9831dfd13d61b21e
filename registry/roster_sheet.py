"""Open a spreadsheet that a stranger may have made, and find the columns and rows of a member list in it.

Whatever the file is, the answer is a sheet or Unreadable with one problem, in bounded time and memory.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, islice
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from registry import roster_columns
from registry.roster_report import WHOLE_FILE, Problem

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_PARTS = 500
MAX_ROWS = 20_000
MAX_COLUMNS = 100
LAST_ROW_OF_A_SHEET = 1_048_576
HEADER_ROWS = 2
CHUNK = 256 * 1024

_OLD_CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DOCTYPE = b"<!DOCTYPE"
# What zipfile raises for a broken part; its NotImplementedError is a RuntimeError.
_BAD_ARCHIVE = (
    BadZipFile,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)

Values = tuple[object, ...]


class Unreadable(Exception):
    """The file as a whole cannot be imported; `problem` says why."""

    def __init__(self, message: str, row: int = WHOLE_FILE) -> None:
        self.problem = Problem(row, "", message)
        super().__init__(message)


@dataclass(frozen=True)
class Row:
    """The cells of one row by the names of their columns; the number is the row's in the file."""

    number: int
    cells: dict[str, object]


def read_bytes(file: IO[bytes]) -> bytes:
    """Return what the file holds, unless it is empty, too large or plainly something else."""
    content = file.read(MAX_BYTES + 1)
    if not content:
        raise Unreadable(_("The file is empty."))
    if len(content) > MAX_BYTES:
        raise Unreadable(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2})
    if content.startswith(_OLD_CONTAINER):
        if _ENCRYPTED in content:
            raise _protected()
        raise Unreadable(_("The file has an old format. Open it and save it as an .xlsx workbook."))
    return content


def read_rows(content: bytes) -> list[Row]:
    """Return the rows of the first visible sheet that have anything in a known column."""
    archive = _repacked(content)
    try:
        with closing(load_workbook(archive, read_only=True, data_only=True)) as book:
            sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
            if sheet is None:
                raise Unreadable(_("The workbook has no visible sheet."))
            # The limits are ours, for the size that a file states of itself may be wrong.
            rows = sheet.iter_rows(max_row=LAST_ROW_OF_A_SHEET, max_col=MAX_COLUMNS, values_only=True)
            return _read_rows(enumerate(rows, start=1))
    except Unreadable:
        raise
    except Exception as error:  # A broken part makes openpyxl raise almost anything.
        raise _damaged() from error


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


def is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


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


def _repacked(content: bytes) -> BytesIO:
    """Return the archive with every part unpacked once, within the limits, and packed again.

    An archive's directory can understate a part's size, and openpyxl reads small parts whole: only an
    archive of our own making has sizes to rely on. Pictures are left out. No workbook has a document type,
    whose entities could blow up a parser.
    """
    clean = BytesIO()
    left = MAX_UNPACKED_BYTES
    try:
        with (
            ZipFile(BytesIO(content)) as source,
            ZipFile(clean, "w", ZIP_DEFLATED, compresslevel=1) as target,
        ):
            names = source.namelist()
            if len(names) > MAX_PARTS or len(set(names)) < len(names):
                raise _damaged()
            for part in source.infolist():
                if part.flag_bits & 1:
                    raise _protected()
                if not part.is_dir() and not part.filename.startswith("xl/media/"):
                    left = _copy(source, target, part.filename, left)
    except _BAD_ARCHIVE as error:
        raise _damaged() from error
    clean.seek(0)
    return clean


def _copy(source: ZipFile, target: ZipFile, name: str, left: int) -> int:
    """Copy one part and return how many bytes others may still unpack to."""
    tail = b""
    with source.open(name) as packed, target.open(name, "w") as copy:
        while chunk := packed.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise Unreadable(_("The file unpacks to more than a member list can hold."))
            text = tail + chunk.replace(b"\0", b"")  # UTF-16 is allowed, too
            if _DOCTYPE in text:
                raise _damaged()
            tail = text[-len(_DOCTYPE) :]
            copy.write(chunk)
    return left


def _damaged() -> Unreadable:
    return Unreadable(_("The file is not an .xlsx workbook, or it is damaged."))


def _protected() -> Unreadable:
    return Unreadable(_("The file is protected by a password. Remove the password and save it again."))
