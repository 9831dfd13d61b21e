"""Member lists for tests: real workbooks with one good row, for tests to spoil."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from audit.models import Event
from registry import roster_columns as columns
from registry.identity import check_character
from registry.models import Member
from registry.roster import Report, import_roster
from tenants.actors import Actor
from tenants.models import Tenant
from tenants.scope import tenant_scope


def number(sequence: int = 1, born: str = "19700101") -> str:
    """Return an identity number of a region that does not exist; odd sequences are men's."""
    digits = f"000000{born}{sequence:03d}"
    return digits + check_character(digits)


def person(sequence: int = 1, **changes: object) -> dict[str, object]:
    """Return a row that holds: a full member of the community, a man born on 1 January 1970."""
    return {
        columns.NAME: "张三",
        columns.GENDER: "男",
        columns.IDENTITY_NUMBER: number(sequence),
        columns.ETHNICITY: "汉族",
        columns.BIRTH_DATE: date(1970, 1, 1),
        columns.STANDING: "正式党员",
        columns.BRANCH: "第一党支部",
        columns.JOINED_ON: date(1995, 7, 1),
        columns.FULL_SINCE: date(1996, 7, 1),
        **changes,
    }


def workbook(
    rows: Iterable[dict[str, object]],
    *,
    header: Sequence[str] = columns.ALL,
    title: str = "",
) -> BytesIO:
    """Return a workbook of these rows, with a title in the first row if there is one."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    if title:
        sheet.append([title])
    sheet.append(list(header))
    for row in rows:
        sheet.append([row.get("".join(name.split()).strip("*")) for name in header])
    return saved(book)


def saved(book: Workbook) -> BytesIO:
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def changed(file: BytesIO, part: str, old: bytes, new: bytes) -> BytesIO:
    """Return the workbook with bytes of one part replaced, as a careless or hostile program would."""
    result = BytesIO()
    with ZipFile(file) as source, ZipFile(result, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            target.writestr(name, content)
    result.seek(0)
    return result


SHEET = "xl/worksheets/sheet1.xml"


def load(tenant: Tenant, file: BytesIO, *, actor: Actor | None = None, skip_bad: bool = False) -> Report:
    """Import a file into a community, as an edge does."""
    with tenant_scope(tenant):
        return import_roster(file, actor=actor, skip_bad=skip_bad)


def members(tenant: Tenant) -> list[Member]:
    with tenant_scope(tenant):
        return list(Member.objects.order_by("id"))


def imports(tenant: Tenant) -> list[Event]:
    with tenant_scope(tenant):
        return [event for event in Event.objects.of(tenant.pk) if event.verb == "members.imported"]
