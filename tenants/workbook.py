"""Unpack a workbook that a stranger may have made, in bounded time and memory, for openpyxl to read.

openpyxl trusts its input: 60 kilobytes of packed empty cells make it take 4 gigabytes of memory.
"""

from __future__ import annotations

import lzma
import struct
import zlib
from io import BytesIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from django.utils.translation import gettext as _

MAX_UNPACKED_BYTES = 40 * 1024 * 1024
MAX_PARTS = 500
MAX_ELEMENTS = 2_000_000
MAX_ELEMENTS_IN_A_ROW = 50_000
MAX_ELEMENTS_ELSEWHERE = 100_000
MAX_TAG_BYTES = 512 * 1024
CHUNK = 128 * 1024

_OLD_CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_ENCRYPTED_PART = 1
_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
# Rows of a sheet and shared strings: the elements that openpyxl forgets one by one.
_ROWS = (f"{_NAMESPACE} row", f"{_NAMESPACE} si")
# What zipfile and expat raise for a broken part; zipfile's NotImplementedError is a RuntimeError.
_BROKEN = (
    BadZipFile,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    expat.ExpatError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says why."""


class TooMuch(Unreadable):
    """The file unpacks to more than a list can hold."""

    def __init__(self) -> None:
        super().__init__(_("The file unpacks to more than a list can hold."))


def repack(content: bytes) -> BytesIO:
    """Return the workbook with its XML parts checked and packed again, or raise Unreadable.

    An archive's directory can understate what a part unpacks to, and openpyxl reads some parts whole:
    only an archive of our own making has sizes to rely on.
    """
    if content.startswith(_OLD_CONTAINER):
        raise _protected() if _ENCRYPTED_PACKAGE in content else _old()
    clean = BytesIO()
    left = MAX_UNPACKED_BYTES
    try:
        with (
            ZipFile(BytesIO(content)) as source,
            ZipFile(clean, "w", ZIP_DEFLATED, compresslevel=1) as target,
        ):
            names = source.namelist()
            if len(names) > MAX_PARTS or len(set(names)) < len(names):
                raise damaged()
            for part in source.infolist():
                if part.flag_bits & _ENCRYPTED_PART:
                    raise _protected()
                if part.filename.lower().endswith((".xml", ".rels")):
                    left = _copy(source, target, part.filename, left)
    except _BROKEN as error:
        raise damaged() from error
    clean.seek(0)
    return clean


def damaged() -> Unreadable:
    return Unreadable(_("The file is not an .xlsx workbook, or it is damaged."))


def _protected() -> Unreadable:
    return Unreadable(_("The file is protected by a password. Remove the password and save it again."))


def _old() -> Unreadable:
    return Unreadable(_("The file has an old format. Open it and save it as an .xlsx workbook."))


def _copy(source: ZipFile, target: ZipFile, name: str, left: int) -> int:
    """Copy one part and return how many bytes the others may still unpack to."""
    census = _Census()
    with source.open(name) as packed, target.open(name, "w") as copy:
        while chunk := packed.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise TooMuch
            census.count(chunk)
            copy.write(chunk)
    census.close()
    return left


class _Census:
    """Count a part's elements while it passes, and refuse what would flood a tree of them."""

    def __init__(self) -> None:
        self.elements = 0
        self.elsewhere = 0
        self.in_row = 0
        self.depth = 0
        self.row_depth = 0
        self.fed = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def count(self, chunk: bytes) -> None:
        self.parser.Parse(chunk, False)
        self.fed += len(chunk)
        if self.fed - self.parser.CurrentByteIndex > MAX_TAG_BYTES:
            raise TooMuch

    def close(self) -> None:
        self.parser.Parse(b"", True)

    def _start(self, name: str, _attributes: object) -> None:
        self.depth += 1
        self.elements += 1
        if not self.row_depth and name in _ROWS:
            self.row_depth, self.in_row = self.depth, 0
        if self.row_depth:
            self.in_row += 1
        else:
            self.elsewhere += 1
        if (
            self.elements > MAX_ELEMENTS
            or self.in_row > MAX_ELEMENTS_IN_A_ROW
            or self.elsewhere > MAX_ELEMENTS_ELSEWHERE
        ):
            raise TooMuch

    def _end(self, _name: str) -> None:
        if self.depth == self.row_depth:
            self.row_depth = 0
        self.depth -= 1

    def _doctype(self, *_declaration: object) -> None:
        """No workbook has a document type, whose entities could blow up a parser."""
        raise damaged()
