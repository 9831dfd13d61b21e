"""An import that is killed, or that meets somebody else at work, leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import Cast
from tests.tenants.archives import finish, rows_by_tenant, start, superuser, tenant, wait_until_blocked, wipe
from tests.workflows.steps import Walk

# A row that the import will want to write too: it waits for whether this one stays.
SAME_COUNTER = """
INSERT INTO workflows_casecounter (id, tenant_id, street_id, district_id, flow, year, last)
SELECT {id}, id, street_id, district_id, 'x', 2000, 1 FROM tenants_tenant WHERE slug = 'shicheng'
"""


@pytest.fixture
def file(cast: Cast, tmp_path: Path) -> Path:
    Walk(cast).to_meeting()
    path = tmp_path / "shicheng.zip"
    tenant("export", "shicheng", path)
    return path


@pytest.fixture
def counter(file: Path) -> int:
    with superuser() as admin:
        (found,) = admin.execute("SELECT id FROM workflows_casecounter").fetchone() or (0,)
    return int(found)


def test_killed_in_the_middle_an_import_has_written_nothing_and_can_be_repeated(
    cast: Cast, file: Path, counter: int
) -> None:
    whole = rows_by_tenant()
    wipe("shicheng")
    before = rows_by_tenant()
    with superuser() as holder:
        holder.execute("SET LOCAL session_replication_role = replica")  # not to hold the tenant itself
        holder.execute(SAME_COUNTER.format(id=counter))
        running = start("import", file)
        wait_until_blocked(running)
        running.kill()
        finish(running)
        holder.rollback()
    assert rows_by_tenant() == before

    tenant("import", file)
    after = rows_by_tenant()
    log = {"audit_event", "audit_head"}
    assert {k: v for k, v in after[cast.shicheng.pk].items() if k not in log} == {
        k: v for k, v in whole[cast.shicheng.pk].items() if k not in log
    }


def test_who_writes_into_the_tenant_meanwhile_wins_and_the_import_writes_nothing(
    cast: Cast, file: Path, counter: int
) -> None:
    wipe("shicheng")
    before = rows_by_tenant()
    with superuser() as holder:
        holder.execute(SAME_COUNTER.format(id=counter))
        running = start("import", file)
        wait_until_blocked(running)
    said = finish(running)[1]
    assert running.returncode == 1
    assert "CommandError: shicheng still has rows (1 in workflows_casecounter)" in said
    after = rows_by_tenant()
    assert after.pop(cast.shicheng.pk).keys() == {"workflows_casecounter"}
    before.pop(cast.shicheng.pk)
    assert after == before


def test_of_two_imports_at_once_one_is_done_and_the_other_says_why_not(cast: Cast, file: Path) -> None:
    wipe("shicheng")
    both = [start("import", file), start("import", file)]
    said = [finish(running)[1] for running in both]
    assert sorted(running.returncode for running in both) == [0, 1]
    refusals = ("CommandError: shicheng still has rows", "CommandError: nothing was changed: people are")
    assert any(refusal in text for text in said for refusal in refusals), said
    assert rows_by_tenant()[cast.shicheng.pk]["workflows_process"][0] == 1


def test_a_killed_export_leaves_no_file_under_its_name(cast: Cast, file: Path) -> None:
    other = file.with_name("other.zip")
    with superuser() as holder:
        holder.execute("LOCK TABLE registry_member IN ACCESS EXCLUSIVE MODE")
        running = start("export", "shicheng", other)
        wait_until_blocked(running)
        running.kill()
        finish(running)
    assert not other.exists()
    assert [path.stat().st_mode & 0o777 for path in file.parent.glob(".other.zip.*.part")] == [0o600]
    tenant("export", "shicheng", other)
