"""Wiping a tenant: all of it, nothing else, and only if it is meant."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.management.base import CommandError

from audit.models import Head
from tenants.scope import tenant_scope
from tests.cast import Cast, make_member
from tests.tenants.archives import (
    finish,
    refuses,
    rows_by_tenant,
    shared_rows,
    start,
    superuser,
    tenant,
    wait_until_blocked,
    wipe,
)
from tests.workflows.steps import Walk


def test_everything_of_one_tenant_is_removed_and_nothing_else(cast: Cast) -> None:
    Walk(cast).to_decision()
    make_member(cast.dongshanbei, "李四")
    with tenant_scope(cast.shicheng):
        head = Head.objects.of(cast.shicheng.pk).values("seq", "hash").get()
    before, shared = rows_by_tenant(), shared_rows()

    said = wipe("shicheng")
    total = sum(count for count, _ in before[cast.shicheng.pk].values())
    before[cast.shicheng.pk] = {}
    assert rows_by_tenant() == before
    assert shared_rows() == shared
    assert f"Removed: {total} rows of 狮城社区 (shicheng)." in said
    assert f"The last log entry was {head['seq']} {head['hash']}" in said


def test_it_must_be_meant_and_the_address_be_typed_exactly(cast: Cast) -> None:
    make_member(cast.shicheng)
    refuses(r"would remove 3 rows of 狮城社区 \(shicheng\)", "wipe", "shicheng")
    for slug in ("SHICHENG", "shichen", "shicheng ", "%"):
        refuses("no tenant with the address", "wipe", slug, "--yes-remove-everything")
    with pytest.raises(CommandError, match="unrecognized arguments: --yes"):
        tenant("wipe", "shicheng", "--yes")
    assert rows_by_tenant()[cast.shicheng.pk]


def test_wiping_what_is_empty_removes_nothing(cast: Cast) -> None:
    before = rows_by_tenant()
    assert "Removed: 0 rows" in wipe("yuntai-first")
    assert rows_by_tenant() == before


@pytest.mark.parametrize(
    ("role", "message"),
    [
        ("lianxi_app", '"lianxi_app" does not own the tables: set DATABASE_OWNER_URL'),
        ("lianxi_backup", '"lianxi_backup" is not bound by row-level security'),
        ("postgres", '"postgres" is not bound by row-level security'),
    ],
)
def test_only_the_owner_whom_the_policies_bind_can_wipe(cast: Cast, role: str, message: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(settings.OWNER_CONNECTION, "USER", role)
        refuses(message, "wipe", "shicheng", "--yes-remove-everything")


def test_killed_in_the_middle_it_has_removed_nothing(cast: Cast) -> None:
    Walk(cast)
    before = rows_by_tenant()
    with superuser() as holder:  # the members go late, after the cases
        holder.execute("SELECT FROM registry_member FOR UPDATE")
        running = start("wipe", "shicheng", "--yes-remove-everything")
        wait_until_blocked(running)
        running.kill()
        finish(running)
    assert rows_by_tenant() == before


def test_a_row_that_is_just_being_written_is_waited_for_and_removed_as_well(cast: Cast) -> None:
    with superuser() as holder:
        holder.execute(
            "INSERT INTO workflows_casecounter (tenant_id, street_id, district_id, flow, year, last)"
            " SELECT id, street_id, district_id, 'x', 2026, 1 FROM tenants_tenant WHERE slug = 'shicheng'"
        )
        running = start("wipe", "shicheng", "--yes-remove-everything")
        wait_until_blocked(running)
    assert "Removed: 3 rows" in finish(running)[0]
    assert rows_by_tenant()[cast.shicheng.pk] == {}


def test_when_somebody_holds_a_row_for_long_it_gives_up_and_says_so(cast: Cast) -> None:
    Walk(cast)
    before = rows_by_tenant()
    with superuser() as holder:
        holder.execute("SELECT FROM audit_head FOR UPDATE")
        with pytest.raises(CommandError, match="nothing was changed: people are working in the tenant"):
            wipe("shicheng")
    assert rows_by_tenant() == before
