"""Isolation as the database's catalogue states it, and proof that each departure is noticed."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from tenants.errors import UnsafeDatabaseRole
from tenants.models import Appointment, Role
from tenants.owner import as_owner
from tenants.scope import tenant_scope
from tenants.startup import refuse_unsafe_role
from tests.cast import Cast
from tests.tenants import catalogue

pytestmark = pytest.mark.usefixtures("database")


def test_every_tenant_table_keeps_the_rules() -> None:
    assert catalogue.problems() == []


def test_the_rules_cover_every_kind_of_row() -> None:
    assert {
        "audit_event",
        "audit_head",
        "registry_award",
        "registry_member",
        "tenants_appointment",
        "workflows_casecounter",
        "workflows_decision",
        "workflows_process",
        "workflows_task",
        "workflows_tasklink",
    } <= set(catalogue.tenant_tables())


def test_dropping_any_policy_is_noticed() -> None:
    unnoticed = []
    for table, policy in _policies():
        with _mutated(f'DROP POLICY "{policy}" ON "{table}"'):
            if not any(table in p and policy in p for p in catalogue.problems()):
                unnoticed.append((table, policy))
    assert unnoticed == []
    assert catalogue.problems() == []


def test_widening_any_policy_is_noticed() -> None:
    unnoticed = []
    for table, policy in _policies():
        if policy == "readers":
            continue  # of an open table: as wide as can be, and reviewed
        clause = "WITH CHECK" if policy == "setter" else "USING"
        with _mutated(f'ALTER POLICY "{policy}" ON "{table}" {clause} (true)'):
            if not any(table in p and policy in p for p in catalogue.problems()):
                unnoticed.append((table, policy))
    assert unnoticed == []


@pytest.mark.parametrize("change", ["NO FORCE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"])
def test_unbinding_any_table_is_noticed(change: str) -> None:
    unnoticed = []
    for table in [*catalogue.tenant_tables(), *catalogue.OPEN_TABLES]:
        with _mutated(f'ALTER TABLE "{table}" {change}'):
            if not any(p.startswith(f"{table}:") for p in catalogue.problems()):
                unnoticed.append(table)
    assert unnoticed == []


@pytest.mark.parametrize(
    "mutation",
    [
        "GRANT DELETE ON audit_event TO lianxi_member",
        "GRANT UPDATE ON audit_event TO lianxi_member",
        "GRANT SELECT ON viewflow_task TO lianxi_member",
        "GRANT INSERT ON workflows_task TO lianxi_street",
        "GRANT TRUNCATE ON workflows_task TO lianxi_member",
        "GRANT SELECT ON workflows_task TO PUBLIC",
        "GRANT SELECT ON registry_member TO lianxi_admin",
        "GRANT SELECT (name) ON registry_member TO lianxi_admin",
        "GRANT UPDATE (hash) ON audit_event TO lianxi_admin",
        "GRANT UPDATE (hash) ON audit_event TO lianxi_member",
        "GRANT DELETE ON tenants_tenant TO lianxi_admin",
        "GRANT INSERT ON tenants_user TO lianxi_app",
        "GRANT UPDATE (name) ON tenants_tenant TO lianxi_app",
        "GRANT SELECT (password) ON tenants_user TO lianxi_admin",
        "GRANT UPDATE ON workflows_parametersetting TO lianxi_member",
        "ALTER POLICY readers ON workflows_parametersetting TO PUBLIC",
        "CREATE INDEX stray ON workflows_task (status)",
        "CREATE TABLE stray (id bigint PRIMARY KEY, tenant_id bigint)",
        "CREATE VIEW stray AS SELECT * FROM workflows_task",
        "ALTER TABLE workflows_task ADD CONSTRAINT stray UNIQUE (id)",
    ],
)
def test_every_other_departure_is_noticed(mutation: str) -> None:
    with _mutated(mutation):
        assert catalogue.problems()


def test_the_application_refuses_to_work_as_the_owner() -> None:
    refuse_unsafe_role()
    with as_owner(), pytest.raises(UnsafeDatabaseRole, match=r"owns the tables.*Connect as lianxi_app"):
        refuse_unsafe_role()


def test_the_application_refuses_to_work_as_a_superuser() -> None:
    with _connected_as("postgres"), pytest.raises(UnsafeDatabaseRole, match="is a superuser"):
        refuse_unsafe_role()


def test_the_application_refuses_to_work_as_a_role_that_bypasses_security() -> None:
    with _connected_as("lianxi_backup"), pytest.raises(UnsafeDatabaseRole, match="BYPASSRLS"):
        refuse_unsafe_role()


def test_the_owner_sees_no_rows_without_a_tenant_and_all_of_them_once_unbound(cast: Cast) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tenants_appointment")
        assert cursor.fetchone() == (0,)
    with _mutated("ALTER TABLE tenants_appointment NO FORCE ROW LEVEL SECURITY"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM tenants_appointment")
            assert cursor.fetchone() == (6,)


def test_without_a_members_policy_even_the_own_rows_are_gone(cast: Cast) -> None:
    def own_secretaries() -> int:
        with tenant_scope(cast.shicheng):
            return Appointment.objects.filter(role=Role.COMMUNITY_SECRETARY).count()

    assert own_secretaries() == 1
    with _committed("DROP POLICY lianxi_member ON tenants_appointment"):
        assert own_secretaries() == 0


class _mutated:
    """Change the schema as the owner inside a transaction, look, and roll back."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def __enter__(self) -> None:
        self.owner = as_owner()
        self.owner.__enter__()
        connection.set_autocommit(False)
        with connection.cursor() as cursor:
            cursor.execute(self.sql)

    def __exit__(self, *failure: object) -> None:
        connection.rollback()
        connection.set_autocommit(True)
        self.owner.__exit__(None, None, None)


class _committed(_mutated):
    """Drop a policy for everybody to see, and put it back."""

    def __enter__(self) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(self.sql)

    def __exit__(self, *failure: object) -> None:
        from tenants.operations import POLICIES

        policy = next(p for p in POLICIES if p.role == "lianxi_member")
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(policy.sql("tenants_appointment"))


class _connected_as:
    def __init__(self, role: str) -> None:
        self.role = role

    def __enter__(self) -> None:
        connection.close()
        connection.settings_dict["USER"] = self.role

    def __exit__(self, *failure: object) -> None:
        connection.close()
        connection.settings_dict["USER"] = "lianxi_app"


def _policies() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, 2"
        )
        found = cursor.fetchall()
    assert len(found) >= 40
    assert settings.DATABASES["default"]["USER"] == "lianxi_app"
    return found
