"""Look at tenants' rows past every policy, and run the commands that write and read their files."""

from __future__ import annotations

import hashlib
import io
import json
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from config.localpg_process import wait_until
from tenants.models import Tenant
from tests.site import ROOT
from tests.tenants.catalogue import tenant_tables


def superuser() -> psycopg.Connection[Any]:
    """Connect to the suite's database as nobody that a policy binds."""
    return psycopg.connect(settings.ADMIN_CONNINFO, dbname=settings.DATABASES["default"]["NAME"])


def rows_by_tenant() -> dict[int, dict[str, tuple[int, str]]]:
    """Return the number of rows and their checksum, for each tenant and table; tenants without rows too."""
    found: dict[int, dict[str, tuple[int, str]]] = {
        pk: {} for pk in Tenant.objects.values_list("pk", flat=True)
    }
    with superuser() as admin:
        for table in tenant_tables():
            statement = f'SELECT tenant_id, r::text FROM "{table}" r ORDER BY tenant_id, id'
            rows = admin.execute(statement).fetchall()
            for tenant_id in found:
                own = [text for owner, text in rows if owner == tenant_id]
                if own:
                    found[tenant_id][table] = len(own), hashlib.sha256("\n".join(own).encode()).hexdigest()
    return found


def shared_rows() -> list[tuple[str, str]]:
    """Return everything that belongs to no tenant."""
    with superuser() as admin:
        return [
            (table, row[0])
            for table in ("tenants_tenant", "tenants_user", "tenants_apitoken", "django_session")
            for row in admin.execute(f'SELECT r::text FROM "{table}" r ORDER BY 1')
        ]


def tenant(*words: str | Path) -> str:
    """Run `manage.py tenant …`, and return what it says."""
    output = io.StringIO()
    call_command("tenant", *map(str, words), stdout=output, stderr=output)
    return output.getvalue()


def wipe(slug: str) -> str:
    return tenant("wipe", slug, "--yes-remove-everything")


def refuses(message: str, *words: str | Path) -> None:
    """Expect `manage.py tenant …` to refuse with a message, and not to change a single row."""
    before = rows_by_tenant(), shared_rows()
    with pytest.raises(CommandError, match=message):
        tenant(*words)
    assert (rows_by_tenant(), shared_rows()) == before


def start(*words: str | Path, largest_file: int = resource.RLIM_INFINITY) -> subprocess.Popen[str]:
    """Run `manage.py tenant …` in a process of its own; end it with `finish`."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "tenant", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(running: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a process says until it ends; one that hangs is killed, for it may hold locks."""
    try:
        return running.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        running.kill()
        running.communicate()
        raise


def wait_until_blocked(running: subprocess.Popen[str]) -> None:
    """Wait until a process has come to the lock that the test holds."""
    sql = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with superuser() as admin:
        admin.autocommit = True

        def blocked() -> bool:
            assert running.poll() is None, running.communicate()
            return admin.execute(sql).fetchone() is not None

        assert wait_until(blocked, 20)


def manifest_of(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return manifest


def manifest_rows(path: Path) -> dict[str, int]:
    """Return how many rows of each table a file says that it has."""
    return {content["name"]: content["rows"] for content in manifest_of(path)["tables"]}


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def change(path: Path, table: str, edit: Callable[[list[list[Any]]], object], *, cover_up: bool) -> None:
    """Change the rows of a table in a file; if asked, correct the manifest as a careful forger would."""
    members = members_of(path)
    name = f"tables/{table}.jsonl"
    rows = [json.loads(line) for line in members[name].splitlines()]
    edit(rows)
    members[name] = b"".join(
        json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for row in rows
    )
    if cover_up:
        manifest = json.loads(members["manifest.json"])
        content = next(content for content in manifest["tables"] if content["name"] == table)
        content["rows"], content["size"] = len(rows), len(members[name])
        content["sha256"] = hashlib.sha256(members[name]).hexdigest()
        members["manifest.json"] = json.dumps(manifest).encode()
    write_members(path, members)


def change_manifest(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    members = members_of(path)
    manifest = json.loads(members["manifest.json"])
    edit(manifest)
    members["manifest.json"] = json.dumps(manifest).encode()
    write_members(path, members)


def column(path: Path, table: str, name: str) -> int:
    """Return where a column stands in a file's rows."""
    content = next(content for content in manifest_of(path)["tables"] if content["name"] == table)
    return int(content["columns"].index(name))
