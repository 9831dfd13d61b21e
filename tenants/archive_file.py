"""The file itself: written under another name until it is whole, and read with nothing taken on trust."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tenants.archive import (
    MANIFEST,
    ArchiveError,
    Content,
    Manifest,
    Row,
    Subject,
    Tally,
    from_line,
    to_line,
)
from tenants.archive_tables import Referred, Table
from tenants.rows import SCOPE_COLUMNS

LARGEST_MANIFEST = 16 * 1024 * 1024
LONGEST_LINE = 64 * 1024 * 1024
# Rows of text shrink to a tenth or so; what shrinks to less than this is no backup but a bomb.
STRONGEST_COMPRESSION = 250
SMALL = 1024 * 1024
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """Make a private file beside `path` for as long as the block lasts; see `publish`."""
    if os.path.lexists(path):
        raise _exists(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise ArchiveError(f"cannot write in {path.parent}: {error.strerror}") from None
    os.close(handle)
    try:
        yield Path(name)
    except OSError as error:
        raise ArchiveError(f"cannot write {path}: {error.strerror}") from error
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def publish(unfinished_file: Path, path: Path) -> None:
    """Give a whole file its name, unless something has that name."""
    try:
        os.link(unfinished_file, path)
    except FileExistsError:
        raise _exists(path) from None
    except OSError:  # a file system without links
        if os.path.lexists(path):
            raise _exists(path) from None
        os.rename(unfinished_file, path)
    _sync(path.parent)


def _exists(path: Path) -> ArchiveError:
    return ArchiveError(f"{path} exists already: move it away or choose another name")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Writer:
    """Write the members of a new file, in order; equal members give equal bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._zip.close()
        _sync(self.path)

    def table(self, table: Table, rows: Generator[Row], referred: Referred) -> Content:
        """Write one table's rows; note what they refer to."""
        tally = Tally()
        name = f"tables/{table.name}.jsonl"
        # A read that is broken off must be closed before its transaction ends.
        with closing(rows), self._zip.open(_member(name), "w", force_zip64=True) as member:
            for row in rows:
                line = to_line(row)
                if len(line) > LONGEST_LINE:
                    raise ArchiveError(
                        f"{table.name}: row {tally.rows + 1} has more than {LONGEST_LINE} bytes"
                    )
                referred.note(table, row)
                tally.add(line)
                member.write(line)
        return tally.content(table.name, table.names)

    def manifest(self, manifest: Manifest) -> None:
        with self._zip.open(_member(MANIFEST), "w") as member:
            member.write(manifest.to_json())


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)  # its date is always 1980-01-01
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o100600 << 16
    return info


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True)
class Archive:
    """An open file, of which only the manifest has been read."""

    path: Path
    manifest: Manifest
    sha256: str
    _zip: zipfile.ZipFile

    def check(self, tables: Sequence[Table]) -> None:
        """Read every row once, and compare it with the manifest and with the tables that are here.

        Raises:
            ArchiveError: names the first table, and in it the first row, that is wrong.
        """
        self._check_members(tables)
        referred = Referred.around(self.manifest.tenant)
        contents = {content.name: content for content in self.manifest.tables}
        for table in tables:
            tally = Tally()
            for row in self.rows(table):
                tally.add(to_line(row))
                _check_row(table, tally.rows, row, self.manifest.tenant, referred)
            if tally.content(table.name, table.names) != contents[table.name]:
                raise ArchiveError(
                    f"{table.name}: the {tally.rows} rows are not those that the manifest describes "
                    f"({contents[table.name].rows} rows with another checksum): the file was changed"
                )
        if (referred.people, referred.tenants) != (set(self.manifest.people), set(self.manifest.tenants)):
            raise ArchiveError("the rows refer to other people or tenants than the manifest says")

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield the rows of one table."""
        name, number = f"tables/{table.name}.jsonl", 0
        try:
            with self._zip.open(name) as member:
                while line := member.readline(LONGEST_LINE + 1):
                    number += 1
                    try:
                        yield from_line(line, len(table.columns))
                    except ValueError:
                        raise ArchiveError(f"{table.name}: row {number} was never exported") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
            raise ArchiveError(f"{table.name}: the file is damaged after row {number} ({error})") from None

    def _check_members(self, tables: Sequence[Table]) -> None:
        here = {table.name: table.names for table in tables}
        there = {content.name: content.columns for content in self.manifest.tables}
        if here != there or len(self.manifest.tables) != len(tables):
            wrong = sorted(name for name in here.keys() | there.keys() if here.get(name) != there.get(name))
            raise ArchiveError(f"the tables or columns are not those of this database: {', '.join(wrong)}")
        expected = {content.member: content.size for content in self.manifest.tables}
        found = {info.filename: info.file_size for info in self._zip.infolist() if info.filename != MANIFEST}
        if found.keys() != expected.keys() or len(self._zip.infolist()) != len(expected) + 1:
            stray = sorted(found.keys() ^ expected.keys()) or ["a name occurs twice"]
            raise ArchiveError(f"the members of the file are not those of the manifest: {', '.join(stray)}")
        for info in self._zip.infolist():
            if info.filename != MANIFEST and info.file_size != expected[info.filename]:
                raise ArchiveError(
                    f"{info.filename} would unpack to {info.file_size} bytes, "
                    f"and the manifest says {expected[info.filename]}"
                )
            if info.file_size > SMALL and info.file_size > STRONGEST_COMPRESSION * info.compress_size:
                raise ArchiveError(
                    f"{info.filename} would unpack from {info.compress_size} to {info.file_size} bytes: "
                    "no export compresses like that"
                )


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a file and read its manifest.

    Raises:
        ArchiveError: the file cannot be read, or is not a tenant's file.
    """
    try:
        sha256 = digest_of(path)
        opened = zipfile.ZipFile(path)
    except OSError as error:
        raise ArchiveError(f"cannot read {path}: {error.strerror or error}") from None
    except (zipfile.BadZipFile, ValueError) as error:
        raise ArchiveError(f"{path} is damaged, cut off, or no tenant's file at all ({error})") from None
    with opened:
        for info in opened.infolist():
            if info.flag_bits & ENCRYPTED or info.compress_type not in PACKINGS:
                raise ArchiveError(f"{info.filename} is packed in a way that no export uses")
        yield Archive(path, _manifest(opened), sha256, opened)


def _manifest(opened: zipfile.ZipFile) -> Manifest:
    try:
        size = opened.getinfo(MANIFEST).file_size
        if size > LARGEST_MANIFEST:
            raise ArchiveError(f"{MANIFEST} would unpack to {size} bytes: no export has such a manifest")
        text = opened.read(MANIFEST)
    except KeyError:
        raise ArchiveError(f"{MANIFEST} is missing: this is no tenant's file") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise ArchiveError(f"{MANIFEST} is damaged ({error})") from None
    return Manifest.from_json(text)


def _check_row(table: Table, number: int, row: Row, subject: Subject, referred: Referred) -> None:
    own = (subject.id, subject.street_id, subject.district_id)
    found = tuple(row[table.names.index(column)] for column in SCOPE_COLUMNS)
    if found != tuple(map(str, own)):
        raise ArchiveError(f"{table.name}: row {number} is not of tenant {subject.slug}")
    try:
        referred.note(table, row)
    except ValueError:
        raise ArchiveError(f"{table.name}: row {number} refers to somebody without a number") from None
