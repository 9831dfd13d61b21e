"""What an export writes, and what it leaves behind when it cannot."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from audit.models import Event
from audit.models import LogRow as LogModel
from tenants.archive_export import write_archive
from tenants.archive_file import digest_of
from tenants.archive_tables import tenant_tables
from tenants.models import Role, Tenant
from tenants.rows import TenantModel
from tenants.scope import tenant_scope
from tests.cast import Cast, appoint, make_member
from tests.tenants import catalogue
from tests.tenants.archives import (
    finish,
    manifest_of,
    manifest_rows,
    members_of,
    refuses,
    rows_by_tenant,
    start,
    superuser,
    tenant,
    wait_until_blocked,
)
from tests.workflows.steps import Walk


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shicheng.zip"


def test_every_tenant_model_and_every_tenant_table_is_in_it(database: None) -> None:
    models = [m for m in apps.get_models(include_auto_created=True) if issubclass(m, TenantModel | LogModel)]
    found = {table.name for table in tenant_tables()}
    assert found == {model._meta.db_table for model in models}
    assert found == set(catalogue.tenant_tables())


def test_tables_stand_after_those_that_they_refer_to(database: None) -> None:
    done: set[str] = set()
    for table in tenant_tables():
        assert table.needs <= done
        done.add(table.name)


def test_two_exports_of_an_unchanged_tenant_differ_in_their_time_alone(cast: Cast, file: Path) -> None:
    Walk(cast).to_meeting()
    other = file.with_name("other.zip")
    write_archive(cast.shicheng, file)
    write_archive(cast.shicheng, other)
    first, second = members_of(file), members_of(other)
    times = [manifest_of(path)["created_at"] for path in (file, other)]
    assert list(first) == list(second)
    assert first.pop("manifest.json") == second.pop("manifest.json").replace(
        times[1].encode(), times[0].encode()
    )
    assert first == second


def test_the_file_holds_no_other_tenants_rows(cast: Cast, file: Path) -> None:
    make_member(cast.shicheng, "张三")
    make_member(cast.dongshanbei, "李四")
    tenant("export", "shicheng", file)
    whole = b"".join(members_of(file).values()).decode()
    assert "张三" in whole
    assert "李四" not in whole
    assert "chenjing" not in whole


def test_the_manifest_says_whose_file_it_is_and_whom_it_refers_to(cast: Cast, file: Path) -> None:
    Walk(cast).to_decision()
    said = tenant("export", "shicheng", file)
    manifest = manifest_of(file)
    assert manifest["tenant"] == {
        "id": cast.shicheng.pk,
        "slug": "shicheng",
        "name": "狮城社区",
        "level": "community",
        "street_id": cast.shishan.pk,
        "district_id": cast.district.pk,
    }
    assert set(manifest["people"].values()) == {"limin", "wangfang", "zhaoqiang"}
    assert set(manifest["tenants"].values()) == {"shicheng", "shishan", "district"}
    assert manifest["migrations"].keys() == {"audit", "registry", "tenants", "workflows"}
    assert digest_of(file) in said


def test_only_its_owner_can_read_the_file(cast: Cast, file: Path) -> None:
    before = os.umask(0)
    try:
        tenant("export", "shicheng", file)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == [file.name]


def test_the_log_names_the_export_and_the_files_checksum(cast: Cast, file: Path) -> None:
    tenant("export", "shicheng", file)
    with tenant_scope(cast.shicheng):
        started, done = Event.objects.of(cast.shicheng.pk).order_by("seq").values("verb", "changes")
    assert started == {"verb": "tenant.export_started", "changes": {"file": file.name}}
    assert done["verb"] == "tenant.exported"
    assert done["changes"]["sha256"] == digest_of(file)
    assert done["changes"]["rows"] == manifest_rows(file)


def test_a_file_that_exists_is_never_overwritten(cast: Cast, file: Path) -> None:
    file.write_text("precious")
    refuses("exists already", "export", "shicheng", file)
    assert file.read_text() == "precious"
    dangling = file.with_name("link")
    dangling.symlink_to("nowhere")
    refuses("exists already", "export", "shicheng", dangling)


def test_an_unknown_tenant_or_folder_is_named(cast: Cast, file: Path) -> None:
    refuses('no tenant with the address "shichen"', "export", "shichen", file)
    refuses("cannot write in .*nowhere", "export", "shicheng", file.parent / "nowhere" / "file.zip")
    assert os.listdir(file.parent) == []


def test_a_log_that_is_not_intact_is_said_at_once_and_not_when_it_is_too_late(cast: Cast, file: Path) -> None:
    Walk(cast)
    with superuser() as admin:
        admin.execute("UPDATE audit_event SET actor_name = '别人' WHERE seq = 1")
    with pytest.raises(Exception, match=r"not intact \(entry 1 \(.*\) was changed\)"):
        tenant("export", "shicheng", file)
    assert os.listdir(file.parent) == []


def test_a_table_that_lets_other_tenants_rows_in_is_not_exported(cast: Cast, file: Path) -> None:
    with superuser() as admin:
        admin.execute("ALTER TABLE registry_member NO FORCE ROW LEVEL SECURITY")
    try:
        with pytest.raises(Exception, match="does not bind registry_member"):
            tenant("export", "shicheng", file)
    finally:
        with superuser() as admin:
            admin.execute("ALTER TABLE registry_member FORCE ROW LEVEL SECURITY")
    assert os.listdir(file.parent) == []


def test_a_reference_that_a_file_cannot_name_is_refused(cast: Cast, file: Path) -> None:
    with superuser() as admin:
        admin.execute("ALTER TABLE registry_award ADD stray int REFERENCES auth_group (id)")
    try:
        with pytest.raises(Exception, match=r"registry_award \(stray\) refers to auth_group"):
            tenant("export", "shicheng", file)
    finally:
        with superuser() as admin:
            admin.execute("ALTER TABLE registry_award DROP stray")


def test_on_a_full_disk_nothing_is_left_and_the_log_says_that_it_was_tried(cast: Cast, file: Path) -> None:
    with (
        tenant_scope(cast.shicheng),
        connection.cursor() as cursor,
    ):  # enough to fail in the middle of a table
        cursor.execute(
            "INSERT INTO workflows_casecounter (tenant_id, street_id, district_id, flow, year, last)"
            " SELECT %s, %s, %s, md5(i::text) || md5((-i)::text), 2026, 1 FROM generate_series(1, 3000) i",
            [cast.shicheng.pk, cast.shishan.pk, cast.district.pk],
        )
    running = start("export", "shicheng", file, largest_file=1000)
    assert "CommandError: cannot write" in finish(running)[1]
    assert running.returncode == 1
    assert os.listdir(file.parent) == []
    assert _verbs(cast.shicheng)[-1] == "tenant.export_started"


def test_rows_that_appear_while_it_runs_are_not_in_it(cast: Cast, file: Path) -> None:
    """One snapshot: the export waits at one table while a row comes into a table that it reads later."""
    with superuser() as holder:
        holder.execute("LOCK TABLE registry_member IN ACCESS EXCLUSIVE MODE")
        running = start("export", "shicheng", file)
        wait_until_blocked(running)
        appoint(cast.shicheng, cast.sun_li, Role.TENANT_ADMIN)
    finish(running)
    assert running.returncode == 0
    assert rows_by_tenant()[cast.shicheng.pk]["tenants_appointment"][0] == 3
    assert manifest_rows(file)["tenants_appointment"] == 2


def _verbs(subject: Tenant) -> list[str]:
    with tenant_scope(subject):
        return [event["verb"] for event in Event.objects.of(subject.pk).order_by("seq").values("verb")]
