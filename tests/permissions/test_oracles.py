"""Whether a hidden row exists cannot be told from errors, conflicts, locks or what they say."""

from __future__ import annotations

import json
import re
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from tenants.models import Tenant
from tenants.rows import TenantForeignKey, TenantModel
from tenants.scope import tenant_scope
from tests.permissions.asking import MISSING, client_of, program_of
from tests.permissions.rows import attempt, fill
from tests.permissions.world import Eye, World
from tests.tenants.catalogue import tenant_tables

RELATIONS = [
    (model._meta.db_table, field.column, field.remote_field.model._meta.db_table)
    for model in apps.get_models()
    if issubclass(model, TenantModel)
    for field in model._meta.local_fields
    if isinstance(field, TenantForeignKey)
]
COPY = """
INSERT INTO "{t}" SELECT (jsonb_populate_record(NULL::"{t}", %s::jsonb)).* {conflict}
"""
_UNIQUE = """
SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indrelid = %s::regclass AND x.indisunique
"""


@pytest.fixture
def filled(world: World, eye: Eye) -> Eye:
    fill(eye, list(Tenant.objects.all()))
    return eye


def test_the_relations_are_found() -> None:
    assert len(RELATIONS) >= 6


@pytest.mark.parametrize(("table", "column", "target"), RELATIONS, ids=[f"{t}.{c}" for t, c, _ in RELATIONS])
def test_a_reference_to_a_foreign_row_fails_as_one_to_nothing(
    world: World, filled: Eye, table: str, column: str, target: str
) -> None:
    own, other = world.cast.shicheng, world.cast.dongshanbei
    ((theirs,),) = filled.execute(f'SELECT id FROM "{target}" WHERE tenant_id = %s', [other.pk])
    ((mine,),) = filled.execute(f'SELECT id FROM "{target}" WHERE tenant_id = %s', [own.pk])
    said = {}
    for given in (theirs, MISSING):
        with pytest.raises(IntegrityError) as failure, tenant_scope(own), connection.cursor() as cursor:
            cursor.execute(_change(filled, table), _row(filled, table, own, column, given))
        said[given] = _everything(failure.value).replace(str(given), "…")
    assert said[theirs] == said[MISSING]
    assert "ForeignKeyViolation" in said[theirs]
    with tenant_scope(own), connection.cursor() as cursor:
        assert not attempt(cursor, _change(filled, table), _row(filled, table, own, column, mine)).startswith(
            "ForeignKey"
        )
        transaction.set_rollback(True)


def test_no_value_of_a_foreign_row_is_taken(world: World, filled: Eye, subtests: pytest.Subtests) -> None:
    """Every unique key of every table: a foreign row with the same values is no obstacle, an own one is."""
    other, own = world.cast.dongshanbei, world.cast.shicheng
    for table in tenant_tables():
        with subtests.test(table):
            ((theirs,),) = filled.execute(
                f'SELECT to_jsonb(r) FROM "{table}" r WHERE tenant_id = %s', [other.pk]
            )
            ((mine,),) = filled.execute(f'SELECT to_jsonb(r) FROM "{table}" r WHERE tenant_id = %s', [own.pk])
            place = {"tenant_id": own.pk, "street_id": own.street_id, "district_id": own.district_id}
            filled.execute("SET session_replication_role = replica")
            filled.execute(f'DELETE FROM "{table}" WHERE tenant_id = %s', [own.pk])
            got = [_insert(own, table, conflict, {**theirs, **place}) for conflict in CONFLICTS]
            assert got == ["ok 1"] * len(CONFLICTS), "a foreign row stands in the way"
            # The twin: against an own row the very same statements fail, or do nothing.
            filled.execute(COPY.format(t=table, conflict=""), [json.dumps(mine)])
            got = [_insert(own, table, conflict, mine) for conflict in CONFLICTS]
            assert got == ["UniqueViolation", "ok 0"]
            assert filled.execute(_UNIQUE, [table])


CONFLICTS = ("", "ON CONFLICT DO NOTHING")


def test_a_row_put_into_a_foreign_tenant_fails_as_one_put_into_none(
    world: World, filled: Eye, subtests: pytest.Subtests
) -> None:
    own, other = world.cast.shicheng, world.cast.dongshanbei
    for table in tenant_tables():
        with subtests.test(table):
            ((mine,),) = filled.execute(f'SELECT to_jsonb(r) FROM "{table}" r WHERE tenant_id = %s', [own.pk])
            said = []
            for tenant_id in (other.pk, MISSING):
                row = json.dumps({**mine, "tenant_id": tenant_id})
                for conflict in CONFLICTS:
                    with pytest.raises(DatabaseError) as failure, tenant_scope(own):
                        with connection.cursor() as cursor:
                            cursor.execute(COPY.format(t=table, conflict=conflict), [row])
                    said.append(_everything(failure.value).replace(str(tenant_id), "…"))
            assert len(set(said)) == 1, said
            assert "row-level security" in said[0]


def test_statements_on_a_foreign_number_do_as_much_as_on_no_number(
    world: World, filled: Eye, subtests: pytest.Subtests
) -> None:
    own, other = world.cast.shicheng, world.cast.dongshanbei
    verbs = (
        'SELECT 1 FROM "{t}" WHERE id = %s',
        'SELECT 1 FROM "{t}" WHERE id = %s FOR UPDATE NOWAIT',
        'UPDATE "{t}" SET id = id WHERE id = %s',
        'DELETE FROM "{t}" WHERE id = %s',
    )
    for table in tenant_tables():
        ((theirs,),) = filled.execute(f'SELECT id FROM "{table}" WHERE tenant_id = %s', [other.pk])
        with subtests.test(table), tenant_scope(own), connection.cursor() as cursor:
            for verb in verbs:
                sql = verb.format(t=table)
                assert attempt(cursor, sql, [theirs]) == attempt(cursor, sql, [MISSING])
                assert attempt(cursor, sql, [theirs]) in ("ok 0", "InsufficientPrivilege")


def test_a_foreign_lock_is_not_felt(world: World, eye: Eye) -> None:
    """A case that somebody else holds locked is missing at once, not after a wait."""
    with tenant_scope(world.cast.shicheng), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
        eye.execute("BEGIN")
        eye.execute(
            "SELECT 1 FROM workflows_process WHERE id = %s FOR UPDATE", [world.elsewhere["sibling"].id]
        )
        sql = "SELECT 1 FROM workflows_process WHERE id = %s FOR UPDATE"
        assert attempt(cursor, sql, [world.elsewhere["sibling"].id]) == "ok 0"
        eye.execute("SELECT 1 FROM workflows_process WHERE id = %s FOR UPDATE", [world.own.id])
        assert attempt(cursor, sql, [world.own.id]) == "LockNotAvailable"
        eye.execute("ROLLBACK")


HIDDEN = "隐名之值"


def _fail_in_the_database(*_: Any, **__: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DO $$ BEGIN RAISE unique_violation USING MESSAGE = 'duplicate key', "
            f"DETAIL = 'Key (tenant_id, name)=(5, {HIDDEN}) already exists.', "
            "CONSTRAINT = 'member_once'; END $$"
        )


def test_what_the_database_says_does_not_reach_a_page(world: World) -> None:
    client = client_of(world, "own")
    with patch("workflows.queries.todo", _fail_in_the_database):
        response = client.get("/shicheng/inbox/todo")
    assert response.status_code == 500
    _require_silence(response.content.decode())


def test_what_the_database_says_does_not_reach_a_program(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    program = program_of(world, "own")
    assert program is not None
    with patch("workflows.queries.todo", _fail_in_the_database):
        response = program.send("{ tasks(first: 5) { nodes { id } } }")
    answer = json.loads(response.content)
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    _require_silence(response.content.decode())
    assert "member_once" in caplog.text or "duplicate key" in caplog.text


def test_the_silence_is_not_an_accident_of_the_test(world: World) -> None:
    with pytest.raises(IntegrityError, match=HIDDEN):
        _fail_in_the_database()


def _require_silence(body: str) -> None:
    for word in (HIDDEN, "duplicate key", "already exists", "member_once", "Traceback", "psycopg", "SELECT"):
        assert word not in body


def _change(eye: Eye, table: str) -> str:
    return COPY.format(t=table, conflict="")


def _row(eye: Eye, table: str, own: Tenant, column: str, given: int) -> list[str]:
    """Return the own row again, under another number, with one reference changed and all keys new."""
    ((row,),) = eye.execute(f'SELECT to_jsonb(r) FROM "{table}" r WHERE tenant_id = %s', [own.pk])
    others = {
        other: eye.execute(f'SELECT id FROM "{target}" WHERE tenant_id = %s', [own.pk])[0][0]
        for name, other, target in RELATIONS
        if name == table and other != column
    }
    texts = {
        name: f"{value}-2" for name, value in row.items() if isinstance(value, str) and value == str(own.pk)
    }
    shared = {
        name: None for name in ("user_id", "owner_id", "offered_to_id", "post_tenant_id") if name in row
    }
    people = {name: _any_user(eye) for name in ("actor_id", "applicant_id", "user_id") if name in row}
    return [json.dumps({**row, **texts, **shared, **people, **others, "id": 900_001, column: given})]


def _any_user(eye: Eye) -> int:
    return int(eye.execute("SELECT min(id) FROM tenants_user")[0][0])


def _insert(own: Tenant, table: str, conflict: str, row: dict[str, Any]) -> str:
    """Insert as a member, with references unchecked until an end that does not come."""
    with tenant_scope(own), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        got = attempt(cursor, COPY.format(t=table, conflict=conflict), [json.dumps(row)])
        transaction.set_rollback(True)
    return got


def _everything(error: DatabaseError) -> str:
    """Return all that an error says: its class, message, detail, hint and names."""
    cause: Any = error.__cause__
    diag = cause.diag
    parts = (
        diag.message_primary,
        diag.message_detail,
        diag.message_hint,
        diag.constraint_name,
        diag.table_name,
    )
    return " | ".join([type(cause).__name__, *(re.sub(r"\s+", " ", part or "") for part in parts)])
