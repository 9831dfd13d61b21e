"""Bring one tenant back from its file, wholly or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.record import record
from audit.verify import verify
from tenants.archive import ArchiveError, Manifest, Subject
from tenants.archive_file import Archive, open_archive
from tenants.archive_owner import count_rows, move_sequences_past, owning
from tenants.archive_rows import content_of, insert
from tenants.archive_tables import Table, schema_state, tenant_tables
from tenants.models import Tenant, User

MOST_NAMED = 10


@dataclass(frozen=True)
class Imported:
    """What was taken in."""

    tenant: Tenant
    counts: dict[str, int]


def import_tenant(path: Path) -> Imported:
    """Import a file into the tenant that it came from, which must have no rows.

    Everything is checked before anything is written; then, in one transaction, the rows are inserted with
    their ids, read back and compared with the file's checksums, and the log is verified. Only then is the
    entry `tenant.imported` added to it.

    Raises:
        ArchiveError: says what is wrong; nothing was written.
    """
    with open_archive(path) as archive:
        tables = tenant_tables()
        _check_schema(archive.manifest, tables)
        tenant = _tenant(archive.manifest.tenant)
        archive.check(tables)
        with owning(tenant):
            _check_surroundings(archive.manifest)
            _require_empty(tenant, tables)
            for table in tables:
                insert(table, archive.rows(table))
            _compare(archive.manifest, tenant, tables)
            for table in tables:
                move_sequences_past(table, tenant.pk)
            _record(archive, tenant)
    return Imported(tenant, archive.manifest.counts)


def _check_schema(manifest: Manifest, tables: Sequence[Table]) -> None:
    here = {f"{app}.{name}" for app, names in schema_state(tables).items() for name in names}
    there = {f"{app}.{name}" for app, names in manifest.migrations.items() for name in names}
    if here != there:
        parts = [
            f"{where} {_some(names)}"
            for where, names in (("only here:", here - there), ("only in the file:", there - here))
            if names
        ]
        raise ArchiveError(
            f"the file was made by Lianxi {manifest.lianxi} with other migrations ({'; '.join(parts)}): "
            "import it with the version that wrote it, then migrate"
        )


def _tenant(subject: Subject) -> Tenant:
    tenant = Tenant.objects.filter(slug=subject.slug).first()
    if tenant is None:
        raise ArchiveError(f'there is no tenant with the address "{subject.slug}" here')
    for what, here, there in (
        ("number", tenant.pk, subject.id),
        ("level", tenant.level, subject.level),
        ("street", tenant.street_id, subject.street_id),
        ("district", tenant.district_id, subject.district_id),
    ):
        if here != there:
            raise ArchiveError(f"the {what} of {subject.slug} is {here} here, and {there} in the file")
    return tenant


def _check_surroundings(manifest: Manifest) -> None:
    """Make sure that the people and tenants that the rows refer to by number are the same ones here."""
    users = User.objects.filter(pk__in=manifest.people).values_list("pk", "username")
    others = Tenant.objects.filter(pk__in=manifest.tenants).values_list("pk", "slug")
    wrong = [
        *_differences("user", manifest.people, dict(users)),
        *_differences("tenant", manifest.tenants, dict(others)),
    ]
    if wrong:
        raise ArchiveError("the rows refer to what is not here: " + _some(wrong))


def _differences(kind: str, there: Mapping[int, str], here: Mapping[int, str]) -> list[str]:
    return [
        f'{kind} "{name}" (number {number}' + (f' is "{here[number]}" here)' if number in here else ")")
        for number, name in sorted(there.items())
        if here.get(number, "") != name
    ]


def _require_empty(tenant: Tenant, tables: Sequence[Table]) -> None:
    counts = count_rows(tables, tenant.pk)
    if counts:
        found = ", ".join(f"{count} in {name}" for name, count in counts.items())
        raise ArchiveError(
            f"{tenant.slug} still has rows ({found}): export it, then remove them with "
            f"`manage.py tenant wipe {tenant.slug} --yes-remove-everything`"
        )


def _compare(manifest: Manifest, tenant: Tenant, tables: Sequence[Table]) -> None:
    expected = {content.name: content for content in manifest.tables}
    for table in tables:
        if content_of(table, tenant.pk) != expected[table.name]:
            raise ArchiveError(f"{table.name}: the rows read back are not those of the file")
    verdict = verify(tenant.pk)
    if not verdict.intact:
        raise ArchiveError(f"the log in the file is not intact: {verdict.problem}")


def _record(archive: Archive, tenant: Tenant) -> None:
    record(
        tenant_id=tenant.pk,
        street_id=tenant.street_id,
        district_id=tenant.district_id,
        verb="tenant.imported",
        actor_id=None,
        actor_name="system",
        changes={
            "file": archive.path.name,
            "sha256": archive.sha256,
            "created_at": archive.manifest.created_at,
            "rows": archive.manifest.counts,
        },
    )


def _some(names: Sequence[str] | set[str]) -> str:
    shown = sorted(names)
    more = len(shown) - MOST_NAMED
    return ", ".join(shown[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
