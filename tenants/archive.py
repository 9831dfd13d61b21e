"""One tenant as one file: what a file says about itself, and what can be wrong with one.

A file is a zip archive: `tables/NAME.jsonl` for each tenant table and, last, `manifest.json`. A line of a
table is one row: a JSON list of the columns' PostgreSQL texts, or null, in the order that the manifest
gives. All but the manifest's `created_at` follows from the rows, so an unchanged tenant gives equal files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tenants.errors import TenancyError

FORMAT = "lianxi-tenant"
VERSION = 1
MANIFEST = "manifest.json"

Row = tuple[str | None, ...]


class ArchiveError(TenancyError):
    """A tenant's file cannot be written or taken in; the message says why and what to do."""


@dataclass(frozen=True)
class Subject:
    """The tenant of a file, with the street and the district that all its rows carry."""

    id: int
    slug: str
    name: str
    level: str
    street_id: int
    district_id: int


@dataclass(frozen=True)
class Content:
    """One table in a file: its columns, and what its lines must add up to."""

    name: str
    columns: tuple[str, ...]
    rows: int
    size: int
    sha256: str

    @property
    def member(self) -> str:
        return f"tables/{self.name}.jsonl"


@dataclass(frozen=True)
class Manifest:
    """What a file says about itself.

    Arguments: `people` and `tenants` give the user name and the address for every number outside the
    tenant that its rows refer to (empty if nobody has it any more); `migrations` lists what was applied,
    by app.
    """

    lianxi: str
    created_at: str
    tenant: Subject
    migrations: Mapping[str, tuple[str, ...]]
    tables: tuple[Content, ...]
    people: Mapping[int, str]
    tenants: Mapping[int, str]

    @property
    def counts(self) -> dict[str, int]:
        return {table.name: table.rows for table in self.tables}

    def to_json(self) -> bytes:
        content = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return json.dumps(content, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Read a manifest, or raise ArchiveError naming the part that is missing or wrong."""
        try:
            given = json.loads(text)
        except (ValueError, RecursionError):
            raise ArchiveError(f"{MANIFEST} is not JSON") from None
        if not isinstance(given, dict) or given.get("format") != FORMAT:
            raise ArchiveError(f"{MANIFEST} does not describe a tenant's file")
        if given.get("version") != VERSION:
            raise ArchiveError(
                f"the file has format version {given.get('version')!r}, and this program reads {VERSION}: "
                f"import it with Lianxi {given.get('lianxi')!r}, which wrote it"
            )
        part = Parts(given)
        return cls(
            lianxi=part.text("lianxi"),
            created_at=part.text("created_at"),
            tenant=_subject(Parts(part.object("tenant"), "tenant.")),
            migrations={app: _names(f"migrations.{app}", v) for app, v in part.object("migrations").items()},
            tables=tuple(_content(i, one) for i, one in enumerate(part.list("tables"))),
            people=_numbered("people", part.object("people")),
            tenants=_numbered("tenants", part.object("tenants")),
        )


@dataclass(frozen=True)
class Parts:
    """The parts of a JSON object, each of the type that is asked for."""

    given: Mapping[str, Any]
    prefix: str = ""

    def text(self, name: str) -> str:
        return str(self._get(name, lambda value: isinstance(value, str)))

    def count(self, name: str) -> int:
        return int(self._get(name, lambda value: type(value) is int and value >= 0))

    def object(self, name: str) -> dict[str, Any]:
        return dict(self._get(name, lambda value: isinstance(value, dict)))

    def list(self, name: str) -> list[Any]:
        return list(self._get(name, lambda value: isinstance(value, list)))

    def _get(self, name: str, is_right: Callable[[Any], bool]) -> Any:
        if not is_right(self.given.get(name)):
            raise _bad(self.prefix + name)
        return self.given[name]


def _bad(name: str) -> ArchiveError:
    return ArchiveError(f'{MANIFEST}: "{name}" is missing or of the wrong kind')


def _subject(part: Parts) -> Subject:
    return Subject(
        id=part.count("id"),
        slug=part.text("slug"),
        name=part.text("name"),
        level=part.text("level"),
        street_id=part.count("street_id"),
        district_id=part.count("district_id"),
    )


def _content(position: int, given: Any) -> Content:
    name = f"tables.{position}"
    if not isinstance(given, dict):
        raise _bad(name)
    part = Parts(given, f"{name}.")
    return Content(
        name=part.text("name"),
        columns=_names(f"{name}.columns", part.list("columns")),
        rows=part.count("rows"),
        size=part.count("size"),
        sha256=part.text("sha256"),
    )


def _names(name: str, given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise _bad(name)
    return tuple(given)


def _numbered(name: str, given: Mapping[str, Any]) -> dict[int, str]:
    if not all(key.isascii() and key.isdigit() and isinstance(value, str) for key, value in given.items()):
        raise _bad(name)
    return {int(key): value for key, value in given.items()}


def to_line(row: Row) -> bytes:
    """Return the bytes of one row; they are what is hashed."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes, width: int) -> Row:
    """Return the row of a line that `to_line` could have written; raise ValueError for any other."""
    try:
        given = json.loads(line)
        if not isinstance(given, list) or len(given) != width:
            raise ValueError("not a row")
        if not all(value is None or isinstance(value, str) for value in given):
            raise ValueError("not texts")
        row: Row = tuple(given)
        if to_line(row) != line:
            raise ValueError("not canonical")
    except RecursionError:
        raise ValueError("nested") from None
    return row


@dataclass
class Tally:
    """The number of rows and bytes that have passed, and their digest."""

    rows: int = 0
    size: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def add(self, line: bytes) -> None:
        self.rows += 1
        self.size += len(line)
        self._digest.update(line)

    def content(self, name: str, columns: tuple[str, ...]) -> Content:
        return Content(name, columns, self.rows, self.size, self._digest.hexdigest())
