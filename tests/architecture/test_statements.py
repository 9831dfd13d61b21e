"""The judge of statements can say no: good and bad ones, and the recorder that hands them over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from audit import record
from tenants.models import Appointment, Role, Tenant
from tenants.owner import as_owner
from tenants.scope import street_scope, tenant_scope
from tests.architecture.recording import Recorder, StatementGuard, offences
from tests.architecture.statements import KNOWN_REFUSALS, complaints, normalised
from tests.cast import Cast
from workflows.models import Task

TABLES = ["workflows_task", "workflows_process", "tenants_appointment", "audit_head", "audit_event"]
TASK, CASE = "workflows_task", "workflows_process"

GOOD = {
    "a predicate": f"SELECT * FROM {TASK} WHERE tenant_id = $1 AND (status = $1 OR status = $1)",
    "a literal": f"SELECT * FROM {TASK} t WHERE 5 = t.tenant_id",
    "a cast": f"SELECT * FROM {TASK} WHERE tenant_id = $1::bigint",
    "a lock": f"SELECT * FROM {TASK} WHERE (tenant_id = $1) FOR UPDATE OF {TASK}",
    "a join": f"SELECT 1 FROM {TASK} t JOIN {CASE} c ON (t.process_id = c.id AND (t.tenant_id = c.tenant_id))"
    " WHERE t.tenant_id = $1",
    "a join the other way": f"SELECT 1 FROM {TASK} t JOIN {CASE} c ON t.tenant_id = c.tenant_id"
    " WHERE c.tenant_id = $1",
    "an outer join": f"SELECT 1 FROM {TASK} t LEFT JOIN {CASE} c ON t.tenant_id = c.tenant_id"
    " WHERE t.tenant_id = $1",
    "a comma": f"SELECT 1 FROM {TASK} t, {CASE} c WHERE t.tenant_id = c.tenant_id AND c.tenant_id = 1",
    "through the tree": f"SELECT 1 FROM {TASK} t JOIN tenants_tenant n ON n.id = t.tenant_id WHERE n.id = $1",
    "a correlated sub-select": f"SELECT (SELECT 1 FROM {TASK} t WHERE t.tenant_id = c.tenant_id)"
    f" FROM {CASE} c WHERE c.tenant_id = $1",
    "counts": f"SELECT (SELECT count(*) FROM (SELECT id FROM {TASK} WHERE tenant_id = $1 LIMIT 9) AS x)",
    "shared tables": "SELECT * FROM tenants_tenant WHERE slug = $1",
    "an update": f"UPDATE {TASK} SET status = $1 WHERE {TASK}.tenant_id = $1 AND id = $1",
    "a deletion": f"DELETE FROM {TASK} WHERE tenant_id = $1",
    "an insert": f"INSERT INTO {TASK} (tenant_id, id) VALUES ($1, $1) RETURNING id",
    "an upsert": "INSERT INTO audit_head (tenant_id, seq) VALUES ($1, 0)"
    " ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_head.seq RETURNING seq",
    "an insert from a select": f"INSERT INTO {TASK} (tenant_id, id) SELECT tenant_id, id FROM {CASE}"
    " WHERE tenant_id = $1",
    "both parts of a union": f"SELECT id FROM {TASK} WHERE tenant_id = $1"
    f" UNION ALL SELECT id FROM {CASE} WHERE tenant_id = $1",
    "a copy of what one tenant has": f"COPY (SELECT id FROM {TASK} WHERE tenant_id = 5) TO STDOUT",
    "control": "SET LOCAL ROLE lianxi_member;SET LOCAL app.tenant_id = 5",
}

BAD = {
    "no predicate": f"SELECT * FROM {TASK}",
    "another column": f"SELECT * FROM {TASK} WHERE id = $1",
    "a reader's column outside its scope": f"SELECT * FROM {TASK} WHERE street_id = $1",
    "below OR": f"SELECT * FROM {TASK} WHERE tenant_id = $1 OR owner_id = $1",
    "below NOT": f"SELECT * FROM {TASK} WHERE NOT (tenant_id = $1)",
    "no equality": f"SELECT * FROM {TASK} WHERE tenant_id >= $1",
    "several tenants": f"SELECT * FROM {TASK} WHERE tenant_id IN ($1)",
    "an array": f"SELECT * FROM {TASK} WHERE tenant_id = ANY($1)",
    "the row's own column": f"SELECT * FROM {TASK} WHERE tenant_id = tenant_id",
    "a setting, which routes nowhere": f"SELECT * FROM {TASK} WHERE tenant_id = current_setting('x')::bigint",
    "a sub-select": f"SELECT * FROM {TASK} WHERE tenant_id = (SELECT id FROM tenants_tenant LIMIT 1)",
    "a join by id alone": f"SELECT 1 FROM {TASK} t JOIN {CASE} c ON t.process_id = c.id"
    " WHERE t.tenant_id = $1",
    "an outer join that binds nothing": f"SELECT 1 FROM {TASK} t LEFT JOIN {CASE} c"
    " ON t.tenant_id = c.tenant_id AND t.tenant_id = $1",
    "an outer join the wrong way": f"SELECT 1 FROM {TASK} t RIGHT JOIN {CASE} c"
    " ON t.tenant_id = c.tenant_id WHERE t.id = $1",
    "a sub-select without": f"SELECT 1 FROM {CASE} c WHERE c.tenant_id = $1"
    f" AND EXISTS (SELECT 1 FROM {TASK} t WHERE t.process_id = c.id)",
    "a sub-select bound to nothing": f"SELECT (SELECT 1 FROM {TASK} t WHERE t.tenant_id = c.tenant_id)"
    f" FROM {CASE} c",
    "one part of a union": f"SELECT id FROM {TASK} WHERE tenant_id = $1 UNION ALL SELECT id FROM {CASE}",
    "a common table": f"WITH t AS (SELECT * FROM {TASK}) SELECT * FROM t WHERE tenant_id = $1",
    "a lock": f"SELECT * FROM {TASK} WHERE id = $1 FOR UPDATE",
    "an update": f"UPDATE {TASK} SET status = $1 WHERE id = $1",
    "an update from": f"UPDATE {TASK} SET status = $1 FROM {CASE} c WHERE c.tenant_id = $1",
    "a changed tenant": f"UPDATE {TASK} SET tenant_id = $1 WHERE tenant_id = $1",
    "a changed street": f"UPDATE {TASK} SET street_id = $1 WHERE tenant_id = $1",
    "a changed tenant in a conflict": "INSERT INTO audit_head (tenant_id) VALUES ($1)"
    " ON CONFLICT (tenant_id) DO UPDATE SET tenant_id = $1",
    "a conflict without a tenant": "INSERT INTO audit_head (tenant_id, seq) VALUES ($1, $1)"
    " ON CONFLICT (seq) DO NOTHING",
    "a deletion": f"DELETE FROM {TASK} WHERE id = $1",
    "an insert without": f"INSERT INTO {TASK} (id) VALUES ($1)",
    "an insert without columns": f"INSERT INTO {TASK} VALUES ($1)",
    "an insert with a sub-select": f"INSERT INTO {TASK} (tenant_id, id) VALUES ($1, (SELECT max(id) FROM x))",
    "an insert from everywhere": f"INSERT INTO {TASK} (tenant_id, id) SELECT tenant_id, id FROM {CASE}",
    "an insert after WITH": "WITH h AS (UPDATE audit_head SET seq = $1 WHERE tenant_id = $1)"
    " INSERT INTO audit_event (tenant_id) VALUES ($1)",
    "the clock in RETURNING": f"UPDATE {TASK} SET status = $1 WHERE tenant_id = $1 RETURNING now()",
    "the clock in SET": f"UPDATE {TASK} SET created = clock_timestamp() WHERE tenant_id = $1",
    "a copy": f"COPY {TASK} TO STDOUT",
    "a copy of what all have": f"COPY (SELECT id FROM {TASK} ORDER BY id) TO STDOUT",
    "a truncation": f"TRUNCATE {TASK}",
    "a table lock": f"LOCK TABLE {TASK} IN SHARE MODE",
    "nonsense": f"SELECT FROM WHERE {TASK} (((",
    "the second of two": f"UPDATE {TASK} SET status = $1 WHERE tenant_id = $1; DELETE FROM {TASK}",
}


@pytest.mark.parametrize("sql", GOOD.values(), ids=GOOD)
def test_a_good_statement_passes(sql: str) -> None:
    assert complaints(sql, TABLES, role="lianxi_member") == []


@pytest.mark.parametrize("sql", BAD.values(), ids=BAD)
def test_a_bad_statement_is_named(sql: str) -> None:
    assert complaints(sql, TABLES, role="lianxi_member")


@pytest.mark.parametrize(
    ("role", "sql"),
    [
        ("lianxi_street", f"SELECT * FROM {TASK} WHERE street_id = $1"),
        ("lianxi_district", f"SELECT * FROM {TASK} WHERE district_id = $1"),
        (
            "lianxi_street",
            f"SELECT (SELECT 1 FROM {TASK} u WHERE u.tenant_id = t.tenant_id) FROM {TASK} t"
            f" JOIN {CASE} c ON t.tenant_id = c.tenant_id WHERE t.street_id = $1",
        ),
        ("", "SELECT tenant_id FROM tenants_appointment WHERE user_id = $1"),
        ("lianxi_dispatch", f"SELECT tenant_id, id FROM {TASK} WHERE status = $1"),
        ("lianxi_admin", f"UPDATE {TASK} SET street_id = $1, district_id = $1 WHERE tenant_id = $1"),
    ],
)
def test_a_reviewed_exception_holds_in_its_own_role_and_only_there(role: str, sql: str) -> None:
    assert complaints(sql, TABLES, role=role) == []
    assert complaints(sql, TABLES, role="lianxi_member")
    assert complaints(sql.replace("SELECT", "DELETE", 1) if "UPDATE" in sql else f"{sql} FOR UPDATE", TABLES)


def test_a_reader_may_not_write_by_its_own_column() -> None:
    assert complaints(f"UPDATE {TASK} SET status = $1 WHERE street_id = $1", TABLES, role="lianxi_street")
    assert complaints(f"DELETE FROM {TASK} WHERE street_id = $1", TABLES, role="lianxi_street")
    assert complaints(f"SELECT * FROM {TASK} WHERE district_id = $1", TABLES, role="lianxi_street")


def test_what_is_known_to_need_a_change_still_does() -> None:
    found = {
        problem
        for sql in (record._LOCK_HEAD, record._APPEND)
        for problem in complaints(normalised(sql, has_parameters=True), TABLES, role="lianxi_member")
    }
    assert found == set(KNOWN_REFUSALS)


def test_normalising_takes_out_parameters_and_lengths() -> None:
    sql = "SELECT  '%%' FROM a\nWHERE x IN (%s, %s, %s) AND y = %(y)s"
    assert normalised(sql, has_parameters=True) == "SELECT '%' FROM a WHERE x IN ($1) AND y = $1"
    assert normalised("SELECT '%s'", has_parameters=False) == "SELECT '%s'"
    assert normalised("VALUES (%s, DEFAULT), (%s, DEFAULT)", has_parameters=True) == "VALUES ($1, DEFAULT)"


# The recorder


@pytest.fixture
def recorder(database: None) -> Any:
    recorder = Recorder()
    connection.ensure_connection()
    connection.execute_wrappers.insert(0, recorder)
    yield recorder
    recorder.forget(connection)


def test_what_the_application_makes_is_recorded_with_its_role(cast: Cast, recorder: Recorder) -> None:
    with tenant_scope(cast.shicheng):
        list(Task.objects.all())
    with street_scope(cast.shishan.pk):
        list(Task.objects.all())
    cast.actor("li_min")
    roles = {role for sql, role in recorder.first if sql.startswith("SELECT") and "tenants_tenant" not in sql}
    assert roles == {"lianxi_member", "lianxi_street", ""}
    assert all(test.startswith("tests/architecture/test_statements.py") for test in recorder.first.values())


def test_what_the_owner_or_a_test_writes_is_not(cast: Cast, recorder: Recorder) -> None:
    with tenant_scope(cast.shicheng), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tenants_appointment")
    assert not any("count(*)" in sql for sql, _ in recorder.first)
    with as_owner():
        list(Tenant.objects.all())
    assert not any("tenants_tenant" in sql for sql, _ in recorder.first)


def test_an_orm_that_forgets_the_tenant_is_found(cast: Cast, recorder: Recorder) -> None:
    with tenant_scope(cast.shicheng):
        assert len(QuerySet(Appointment).filter(role=Role.COMMUNITY_CLERK)) == 1
    (offence,) = offences(recorder.first, TABLES)
    assert offence.problems == ("tenants_appointment is read without an equality on tenant_id",)
    assert offence.role == "lianxi_member"
    assert str(offence).endswith("first run by " + offence.test)
    assert offence.test.endswith("::test_an_orm_that_forgets_the_tenant_is_found")


@pytest.mark.parametrize(("sql", "status"), [(f"SELECT 1 FROM {TASK}", 1), ("SELECT 1", 0)])
def test_a_run_with_a_bad_statement_in_a_worker_fails(sql: str, status: int) -> None:
    worker, reporter = StatementGuard(Recorder()), StatementGuard(Recorder())
    worker.recorder.first[sql, "lianxi_member"] = "tests/x.py::test_y"
    output: dict[str, Any] = {}
    session = SimpleNamespace(config=SimpleNamespace(workeroutput=output), exitstatus=pytest.ExitCode.OK)
    worker.pytest_sessionfinish(session)  # type: ignore[arg-type]
    assert session.exitstatus == pytest.ExitCode.OK
    reporter.pytest_testnodedown(SimpleNamespace(workeroutput=output))
    session.config = SimpleNamespace()
    reporter.pytest_sessionfinish(session)  # type: ignore[arg-type]
    assert session.exitstatus == status
