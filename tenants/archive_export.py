"""Write everything that belongs to one tenant into one file."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.db import connection
from django.utils import timezone

from audit.verify import verify
from tenants import trail
from tenants.archive import ArchiveError, Content, Manifest, Subject
from tenants.archive_file import Writer, digest_of, publish, unfinished
from tenants.archive_rows import SAME_TEXTS, rows_of
from tenants.archive_tables import Referred, schema_state, tenant_tables
from tenants.models import Tenant, User
from tenants.scope import tenant_scope


@dataclass(frozen=True)
class Exported:
    """What was written: the rows of each table, and the file's SHA-256."""

    counts: dict[str, int]
    sha256: str


def export_tenant(tenant: Tenant, path: Path) -> Exported:
    """Export one tenant into a new file that only its owner can read.

    The log gets two entries: `tenant.export_started` before anything is read, so that no data leaves without
    a trace and the file's own log ends with it; `tenant.exported`, with the file's SHA-256, once the file is
    whole, and before it has its name.

    Raises:
        ArchiveError: says what stands in the way; no file is left.
    """
    with unfinished(path) as draft:
        with tenant_scope(tenant):
            trail.record("tenant.export_started", actor=None, changes={"file": path.name})
        manifest = write_archive(tenant, draft)
        sha256 = digest_of(draft)
        with tenant_scope(tenant):
            changes = {"file": path.name, "sha256": sha256, "rows": manifest.counts}
            trail.record("tenant.exported", actor=None, changes=changes)
        publish(draft, path)
    return Exported(manifest.counts, sha256)


def write_archive(tenant: Tenant, path: Path) -> Manifest:
    """Write a file from one snapshot, read in the tenant's own scope: other tenants' rows cannot get in."""
    tables = tenant_tables()
    migrations = schema_state(tables)
    referred = Referred.around(tenant)
    with Writer(path) as writer:
        with tenant_scope(tenant):
            with connection.cursor() as cursor:
                cursor.execute(f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; {SAME_TEXTS}")
            _require_intact_log(tenant)
            contents = tuple(writer.table(table, rows_of(table, tenant.pk), referred) for table in tables)
        manifest = _manifest(tenant, migrations, contents, referred)
        writer.manifest(manifest)
    return manifest


def _manifest(
    tenant: Tenant,
    migrations: dict[str, tuple[str, ...]],
    contents: tuple[Content, ...],
    referred: Referred,
) -> Manifest:
    # Not from the snapshot: people and tenants that rows refer to do not go away.
    usernames = dict(User.objects.filter(pk__in=referred.people).values_list("pk", "username"))
    slugs = dict(Tenant.objects.filter(pk__in=referred.tenants).values_list("pk", "slug"))
    return Manifest(
        lianxi=_version(),
        created_at=timezone.now().isoformat(),
        tenant=Subject(
            id=tenant.pk,
            slug=tenant.slug,
            name=tenant.name,
            level=tenant.level,
            street_id=tenant.street_id,
            district_id=tenant.district_id,
        ),
        migrations=migrations,
        tables=contents,
        people={number: usernames.get(number, "") for number in sorted(referred.people)},
        tenants={number: slugs.get(number, "") for number in sorted(referred.tenants)},
    )


def _require_intact_log(tenant: Tenant) -> None:
    verdict = verify(tenant.pk)
    if not verdict.intact:
        raise ArchiveError(
            f"the log of {tenant.slug} is not intact ({verdict.problem}), so the file could not be imported: "
            "find out what happened; a full backup still holds everything"
        )


def _version() -> str:
    try:
        return version("lianxi")
    except PackageNotFoundError:
        return "unknown"
