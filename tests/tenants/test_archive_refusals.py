"""Files that are not taken in: each says what is wrong with it, and not a single row is written."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError

from tenants.models import Tenant, User
from tenants.owner import as_owner
from tests.cast import Cast
from tests.tenants.archives import (
    change,
    change_manifest,
    column,
    members_of,
    refuses,
    rows_by_tenant,
    superuser,
    tenant,
    wipe,
    write_members,
)
from tests.workflows.steps import Walk


@pytest.fixture
def file(cast: Cast, tmp_path: Path) -> Path:
    """The file of a tenant that has been wiped."""
    Walk(cast).to_meeting()
    path = tmp_path / "shicheng.zip"
    tenant("export", "shicheng", path)
    wipe("shicheng")
    return path


def copy_of(file: Path) -> Path:
    """Return a copy to spoil; what is refused leaves the database as it was, for the next one."""
    return Path(shutil.copy(file, file.with_name("spoilt.zip")))


def test_the_file_that_the_others_are_made_from_is_taken_in(cast: Cast, file: Path) -> None:
    write_members(file, members_of(file))
    tenant("import", file)
    assert rows_by_tenant()[cast.shicheng.pk]["workflows_process"][0] == 1


def test_a_tenant_that_has_rows_is_told_to_be_wiped_first(file: Path) -> None:
    tenant("import", file)
    refuses(
        r"shicheng still has rows \(\d+ in audit_event.*`manage.py tenant wipe shicheng --yes-remove-ev",
        "import",
        file,
    )


def test_no_file(file: Path) -> None:
    refuses("cannot read .*: No such file", "import", file.with_name("nothing"))
    refuses("cannot read .*: Is a directory", "import", file.parent)


def test_something_else(file: Path) -> None:
    file.write_bytes(b"%PDF-1.7 something else")
    refuses("damaged, cut off, or no tenant's file", "import", file)
    write_members(file, {"photo.jpg": b"x"})
    refuses("manifest.json is missing", "import", file)


def test_a_file_that_is_cut_off(file: Path) -> None:
    for part in (0.999, 0.9, 0.5, 0.1):
        os.truncate(file, int(file.stat().st_size * part))
        refuses("damaged, cut off, or no tenant's file", "import", file)


@pytest.mark.parametrize("eighth", range(8))
def test_a_file_with_a_flipped_bit_anywhere(file: Path, eighth: int) -> None:
    whole = bytearray(file.read_bytes())
    whole[len(whole) * eighth // 8 + 50] ^= 0x10
    members = members_of(file)
    file.write_bytes(whole)
    before = rows_by_tenant()
    try:
        tenant("import", file)
    except CommandError:
        assert rows_by_tenant() == before
    else:  # the bit was in a date or the like
        assert members_of(file) == members


def test_a_row_that_was_changed(file: Path) -> None:
    name = column(file, "registry_member", "name")

    def rename(rows: list[list[Any]]) -> None:
        rows[0][name] = "别人"

    change(file, "registry_member", rename, cover_up=False)
    refuses("registry_member: the 1 rows are not those.*the file was changed", "import", file)


@pytest.mark.parametrize("table", ["workflows_process", "audit_event"])
def test_a_row_that_was_removed_or_doubled(file: Path, table: str) -> None:
    for edit in (lambda rows: rows.pop(), lambda rows: rows.append(rows[-1])):
        spoilt = copy_of(file)
        change(spoilt, table, edit, cover_up=False)
        refuses(f"{table}.jsonl would unpack to", "import", spoilt)


def test_a_log_that_was_changed_by_somebody_who_corrected_the_checksums(file: Path) -> None:
    actor = column(file, "audit_event", "actor_name")

    def blame(rows: list[list[Any]]) -> None:
        rows[2][actor] = "别人"

    change(file, "audit_event", blame, cover_up=True)
    refuses(r"the log in the file is not intact: entry 3 \(.*\) was changed", "import", file)


def test_a_log_whose_end_was_cut_by_somebody_who_corrected_the_checksums(file: Path) -> None:
    change(file, "audit_event", lambda rows: rows.pop(), cover_up=True)
    refuses("the log in the file is not intact: entries .* were cut off", "import", file)


def test_a_row_of_another_tenant(cast: Cast, file: Path) -> None:
    owner = column(file, "workflows_task", "tenant_id")

    def move(rows: list[list[Any]]) -> None:
        rows[1][owner] = str(cast.dongshanbei.pk)

    change(file, "workflows_task", move, cover_up=True)
    refuses("workflows_task: row 2 is not of tenant shicheng", "import", file)


def test_a_file_that_claims_to_be_another_tenants(cast: Cast, file: Path) -> None:
    def claim(manifest: dict[str, Any]) -> None:
        manifest["tenant"].update(slug="yuntai-first", id=cast.yuntai_first.pk, street_id=cast.yuntai.pk)

    change_manifest(file, claim)
    refuses("audit_event: row 1 is not of tenant yuntai-first", "import", file)


PLACES: list[tuple[dict[str, Any], str]] = [
    ({"slug": "nowhere"}, 'no tenant with the address "nowhere"'),
    ({"id": 999}, "the number of shicheng is .* here, and 999 in the file"),
    ({"level": "street"}, "the level of shicheng is community here, and street"),
    ({"street_id": 999}, "the street of shicheng"),
    ({"district_id": 999}, "the district of shicheng"),
]


def test_another_place_in_the_tree(file: Path) -> None:
    for values, message in PLACES:
        spoilt = copy_of(file)
        change_manifest(spoilt, lambda manifest, values=values: manifest["tenant"].update(values))
        refuses(message, "import", spoilt)


def test_people_who_are_not_here_any_more_are_named(cast: Cast, file: Path) -> None:
    with superuser() as admin:
        admin.execute("DELETE FROM tenants_user WHERE username = 'limin'")
    with as_owner():
        User.objects.filter(pk=cast.wang_fang.pk).update(username="wangfang2")
    refuses(
        rf'not here: user "limin" \(number {cast.li_min.pk}\), '
        rf'user "wangfang" \(number {cast.wang_fang.pk} is "wangfang2" here\)',
        "import",
        file,
    )


def test_tenants_that_have_another_address_are_named(cast: Cast, file: Path) -> None:
    with as_owner():
        Tenant.objects.filter(pk=cast.shishan.pk).update(slug="lion-hill")
    refuses(rf'tenant "shishan" \(number {cast.shishan.pk} is "lion-hill" here\)', "import", file)


def test_people_whom_the_manifest_does_not_name(file: Path) -> None:
    change_manifest(file, lambda manifest: manifest["people"].popitem())
    refuses("the rows refer to other people or tenants than the manifest says", "import", file)


def test_another_state_of_the_schema_is_named(file: Path) -> None:
    def newer(manifest: dict[str, Any]) -> None:
        manifest["lianxi"] = "9.9"
        manifest["migrations"]["workflows"].append("0099_more")
        manifest["migrations"]["audit"].remove("0001_initial")

    change_manifest(file, newer)
    refuses(
        r"by Lianxi 9\.9 with other migrations \(only here: audit.0001_initial; "
        r"only in the file: workflows.0099_more\)",
        "import",
        file,
    )


WRONG: list[tuple[dict[str, Any], str]] = [
    (
        {"version": 2, "lianxi": "9.9"},
        "format version 2, .* reads 1: import it with Lianxi '9.9'",
    ),
    ({"format": "zip"}, "does not describe a tenant's file"),
    ({"tables": "all"}, '"tables" is missing or of the wrong kind'),
    ({"tables": [1]}, r'"tables\.0" is missing'),
    ({"tenant": {}}, r'"tenant\.id" is missing'),
    ({"people": {"x": "limin"}}, '"people" is missing'),
    ({"migrations": {"audit": [1]}}, r'"migrations\.audit" is missing'),
    ({"created_at": None}, '"created_at" is missing'),
]


def test_a_manifest_that_is_wrong(file: Path) -> None:
    for parts, message in WRONG:
        spoilt = copy_of(file)
        change_manifest(spoilt, lambda manifest, parts=parts: manifest.update(parts))
        refuses(message, "import", spoilt)


def test_a_manifest_that_is_none(file: Path) -> None:
    for text in [b"{", b"\xff", b"[" * 100_000, b"1" * 5000, b"null", b"{}"]:
        write_members(file, {**members_of(file), "manifest.json": text})
        refuses("manifest.json", "import", file)


def test_tables_and_columns_that_are_not_here(file: Path) -> None:
    def rename(manifest: dict[str, Any]) -> None:
        manifest["tables"][0]["columns"][0] = "stray"
        manifest["tables"][2]["name"] = "pg_authid"

    change_manifest(file, rename)
    refuses("not those of this database: audit_event, pg_authid, registry_member", "import", file)


def test_members_that_the_manifest_does_not_name(file: Path) -> None:
    members = members_of(file)
    write_members(file, {**members, "../../etc/passwd": b"root"})
    refuses(r"members of the file are not those of the manifest: \.\./\.\./etc/passwd", "import", file)
    members.pop("tables/registry_award.jsonl")
    write_members(file, members)
    refuses("not those of the manifest: tables/registry_award.jsonl", "import", file)


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_packing(file: Path, packing: int) -> None:
    members = members_of(file)
    with zipfile.ZipFile(file, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    refuses("is packed in a way that no export uses", "import", file)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_occurs_twice(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("tables/registry_award.jsonl", b"")
    refuses("a name occurs twice", "import", file)


def test_a_member_that_would_unpack_to_more_than_the_manifest_says(file: Path) -> None:
    members = members_of(file)
    write_members(file, {**members, "tables/registry_award.jsonl": bytes(50_000_000)})
    refuses("registry_award.jsonl would unpack to 50000000 bytes, and the manifest says 0", "import", file)


def test_a_bomb_whose_manifest_is_right(file: Path) -> None:
    members = members_of(file)
    manifest = json.loads(members["manifest.json"])
    next(t for t in manifest["tables"] if t["name"] == "registry_award")["size"] = 50_000_000
    bomb = {"tables/registry_award.jsonl": bytes(50_000_000), "manifest.json": json.dumps(manifest).encode()}
    write_members(file, {**members, **bomb})
    refuses("no export compresses like that", "import", file)
    write_members(file, {**members, "manifest.json": b" " * 50_000_000})
    refuses("manifest.json would unpack to 50000000 bytes", "import", file)


LINES = [b"", b"[", b"[]", b"{}", b"[" * 50_000, b"1" * 5000, b'["\\ud800"]', b'["\\u0000"]', b"[1, 2]"]


def test_a_line_that_is_no_row(file: Path) -> None:
    for line in LINES:
        spoilt = copy_of(file)
        _add_line(spoilt, line)
        refuses("workflows_casecounter: row 2 was never exported", "import", spoilt)


def _add_line(file: Path, line: bytes) -> None:
    members = members_of(file)
    name = "tables/workflows_casecounter.jsonl"
    members[name] += line + b"\n"
    manifest = json.loads(members["manifest.json"])
    next(t for t in manifest["tables"] if t["name"] == "workflows_casecounter")["size"] = len(members[name])
    members["manifest.json"] = json.dumps(manifest).encode()
    write_members(file, members)


VALUES: list[tuple[str, str | None, str]] = [
    ("year", "now", "invalid input syntax for type smallint"),
    ("year", "40000", "out of range"),
    ("year", None, "null value in column"),
    ("year", "02026", "workflows_casecounter: the rows read back are not those of the file"),
    ("flow", "长" * 101, "value too long"),
    ("flow", "\0", "NUL"),
    ("id", "1); DROP TABLE audit_event; --", "invalid input syntax for type bigint"),
]


def test_a_value_that_the_database_refuses(file: Path) -> None:
    for name, value, message in VALUES:
        spoilt = copy_of(file)
        position = column(spoilt, "workflows_casecounter", name)

        def spoil(rows: list[list[Any]], position: int = position, value: str | None = value) -> None:
            rows[0][position] = value

        change(spoilt, "workflows_casecounter", spoil, cover_up=True)
        refuses(message, "import", spoilt)


def test_a_reference_to_a_row_that_is_not_there(file: Path) -> None:
    case = column(file, "workflows_task", "process_id")

    def redirect(rows: list[list[Any]]) -> None:
        rows[0][case] = "4711"

    change(file, "workflows_task", redirect, cover_up=True)
    refuses("nothing was changed: the database refused it: .*violates foreign key constraint", "import", file)


def test_a_person_without_a_number(file: Path) -> None:
    position = column(file, "workflows_decision", "actor_id")

    def spoil(rows: list[list[Any]]) -> None:
        rows[0][position] = "limin"

    change(file, "workflows_decision", spoil, cover_up=True)
    refuses("workflows_decision: row 1 refers to somebody without a number", "import", file)


def test_an_id_that_somebody_else_has_meanwhile_is_no_obstacle(cast: Cast, file: Path) -> None:
    """Keys begin with the tenant, so another tenant's row may even have the same number."""
    with superuser() as admin:
        admin.execute(
            "INSERT INTO workflows_casecounter (id, tenant_id, street_id, district_id, flow, year, last)"
            " SELECT 1, id, street_id, district_id, 'x', 2026, 1 FROM tenants_tenant"
            " WHERE slug = 'dongshanbei'"
        )
    tenant("import", file)
    assert rows_by_tenant()[cast.dongshanbei.pk]["workflows_casecounter"][0] == 1
