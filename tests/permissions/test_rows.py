"""Row by row: each database role sees and writes its own rows of every table, without help from the ORM."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.models import Tenant
from tenants.owner import as_owner
from tests.permissions.rows import attempt, fill, role
from tests.permissions.world import Eye, World
from tests.tenants.catalogue import EXPECTED_POLICIES, tenant_tables

DENIED = "InsufficientPrivilege"
READERS = {"lianxi_street": "street_id", "lianxi_district": "district_id"}
COPY = """
INSERT INTO "{t}" SELECT (jsonb_populate_record(NULL::"{t}", to_jsonb(r) ||
  jsonb_build_object('id', 900000, 'tenant_id', {tenant},
    'street_id', {street}, 'district_id', {district}))).*
FROM "{t}" r LIMIT 1
"""


@pytest.fixture
def tenants(world: World, eye: Eye) -> list[Tenant]:
    tenants = list(Tenant.objects.order_by("pk"))
    fill(eye, tenants)
    return tenants


def _seen(cursor: Any, table: str) -> set[int]:
    cursor.execute(f'SELECT tenant_id FROM "{table}"')
    return {tenant for (tenant,) in cursor.fetchall()}


def test_a_member_reads_and_writes_the_own_rows_of_every_table(
    world: World, tenants: list[Tenant], subtests: pytest.Subtests
) -> None:
    own, other = world.cast.shicheng, world.cast.dongshanbei
    for table in tenant_tables():
        with subtests.test(table), role("lianxi_member", tenant_id=own.pk) as cursor:
            assert _seen(cursor, table) == {own.pk}
            assert attempt(cursor, f'UPDATE "{table}" SET street_id = street_id') in ("ok 1", DENIED)
            _require_no_write_into(cursor, table, other)


def test_the_owner_reads_and_writes_the_rows_of_the_tenant_it_names(
    world: World, tenants: list[Tenant], subtests: pytest.Subtests
) -> None:
    own, other = world.cast.shicheng, world.cast.dongshanbei
    with as_owner():
        for table in tenant_tables():
            with subtests.test(table):
                with role("lianxi_owner") as cursor:
                    assert _seen(cursor, table) == set()
                with role("lianxi_owner", tenant_id=own.pk) as cursor:
                    assert _seen(cursor, table) == {own.pk}
                    assert attempt(cursor, f'UPDATE "{table}" SET street_id = street_id') == "ok 1"
                    _require_no_write_into(cursor, table, other)
                    assert attempt(cursor, f'DELETE FROM "{table}"') == "ok 1"


def test_administration_moves_the_rows_of_one_tenant_and_reads_none(
    world: World, tenants: list[Tenant], subtests: pytest.Subtests
) -> None:
    own = world.cast.shicheng
    for table in tenant_tables():
        with subtests.test(table), role("lianxi_admin", tenant_id=own.pk) as cursor:
            assert _seen(cursor, table) == {own.pk}
            assert attempt(cursor, f'SELECT * FROM "{table}"') == DENIED
            assert attempt(cursor, f'UPDATE "{table}" SET street_id = {own.street_id}') == "ok 1"
            assert attempt(cursor, f'UPDATE "{table}" SET tenant_id = {own.pk}') == DENIED


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_sees_its_part_of_every_table(
    reader: str, tenants: list[Tenant], subtests: pytest.Subtests
) -> None:
    column = READERS[reader]
    places = {getattr(tenant, column) for tenant in tenants} - {0}
    assert len(places) >= 2
    for table in tenant_tables():
        with subtests.test(table):
            for place in places:
                with role(reader, **{column: place}) as cursor:
                    assert _seen(cursor, table) == {t.pk for t in tenants if getattr(t, column) == place}


def test_without_a_scopes_id_nobody_sees_a_row(tenants: list[Tenant], subtests: pytest.Subtests) -> None:
    for name in EXPECTED_POLICIES.keys() - {"lianxi_owner"}:
        for table in tenant_tables():
            with subtests.test(f"{name} {table}"), role(name) as cursor:
                assert _seen(cursor, table) == set()


def test_the_login_role_reads_a_persons_own_posts_and_nothing_else(
    world: World, tenants: list[Tenant], subtests: pytest.Subtests
) -> None:
    person = world.cast.shicheng.pk  # the number that `fill` gives to the row of this tenant
    for table in tenant_tables():
        with subtests.test(table), role("lianxi_app", user_id=person) as cursor:
            if table == "tenants_appointment":
                assert _seen(cursor, table) == {world.cast.shicheng.pk}
            else:
                assert attempt(cursor, f'SELECT 1 FROM "{table}"') == DENIED
            assert attempt(cursor, f'UPDATE "{table}" SET tenant_id = tenant_id') == DENIED
    with role("lianxi_app") as cursor:
        assert _seen(cursor, "tenants_appointment") == set()


def test_dispatch_sees_which_timers_wait_and_nothing_else(
    eye: Eye, tenants: list[Tenant], subtests: pytest.Subtests
) -> None:
    waiting, quiet = tenants[0], tenants[1]
    eye.execute("UPDATE workflows_task SET status = 'NEW' WHERE tenant_id = %s", [quiet.pk])
    for table in tenant_tables():
        with subtests.test(table), role("lianxi_dispatch") as cursor:
            if table == "workflows_task":
                assert _seen(cursor, table) == {tenant.pk for tenant in tenants} - {quiet.pk}
                assert waiting.pk in _seen(cursor, table)
                assert attempt(cursor, "SELECT data FROM workflows_task") == DENIED
            else:
                assert attempt(cursor, f'SELECT 1 FROM "{table}"') == DENIED


def _require_no_write_into(cursor: Any, table: str, other: Tenant) -> None:
    """A row of another tenant is refused by the policy, before any key or reference is looked at."""
    place = {"tenant": other.pk, "street": other.street_id, "district": other.district_id}
    assert attempt(cursor, COPY.format(t=table, **place)) == DENIED
    assert attempt(cursor, f'UPDATE "{table}" SET tenant_id = {other.pk}') == DENIED
    missing = {"tenant": 7_777_777, "street": 1, "district": 1}
    assert attempt(cursor, COPY.format(t=table, **missing)) == DENIED
