"""Those who read many tenants write nothing: not by any verb, not by the ORM, and never silently."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.db import DatabaseError, connection, transaction

from tenants import trail
from tenants.errors import ScopeReadOnly
from tenants.models import Tenant
from tenants.rows import TenantModel
from tenants.scope import dispatch_scope, district_scope, street_scope, tenant_scope
from tests.permissions.rows import attempt, fill
from tests.permissions.world import Eye, World
from tests.tenants.catalogue import tenant_tables

DENIED = "InsufficientPrivilege"
VERBS = (
    'INSERT INTO "{t}" DEFAULT VALUES',
    'INSERT INTO "{t}" SELECT * FROM "{t}" ON CONFLICT DO NOTHING',
    'UPDATE "{t}" SET tenant_id = tenant_id',
    'UPDATE "{t}" SET id = id WHERE false',
    'DELETE FROM "{t}"',
    'DELETE FROM "{t}" WHERE false',
    'TRUNCATE "{t}"',
    'MERGE INTO "{t}" USING (SELECT 1 AS one) x ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES',
    'SELECT 1 FROM "{t}" FOR UPDATE',
    'SELECT 1 FROM "{t}" FOR NO KEY UPDATE',
    'SELECT 1 FROM "{t}" FOR SHARE',
    'SELECT 1 FROM "{t}" FOR KEY SHARE SKIP LOCKED',
    "SELECT nextval('{t}_id_seq')",
    "SELECT setval('{t}_id_seq', 1)",
    'LOCK TABLE "{t}" IN ROW EXCLUSIVE MODE',
    'LOCK TABLE "{t}" IN ACCESS EXCLUSIVE MODE',
    'ALTER TABLE "{t}" DISABLE ROW LEVEL SECURITY',
    'CREATE POLICY stray ON "{t}" USING (true)',
    'DROP TABLE "{t}"',
)
SHARED = ("tenants_tenant", "tenants_user", "tenants_apitoken", "django_session", "procrastinate_jobs")
ELSEWHERE = (
    "CREATE TABLE stray (id bigint)",
    "CREATE TEMPORARY TABLE stray (id bigint)",
    "CREATE SCHEMA stray",
)

Enter = Callable[[World], AbstractContextManager[Any]]
SCOPES: dict[str, Enter] = {
    "street": lambda world: street_scope(world.cast.shishan.pk),
    "district": lambda world: district_scope(world.cast.district.pk),
    "dispatch": lambda world: dispatch_scope(),
}
MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]


@pytest.fixture
def filled(world: World, eye: Eye) -> Eye:
    fill(eye, list(Tenant.objects.all()))
    return eye


@pytest.mark.parametrize("scope", SCOPES)
def test_the_database_denies_every_verb(
    world: World, filled: Eye, scope: str, subtests: pytest.Subtests
) -> None:
    before = filled.rows()
    with SCOPES[scope](world), connection.cursor() as cursor:
        for table in tenant_tables():
            with subtests.test(table):
                got = {verb: attempt(cursor, verb.format(t=table)) for verb in VERBS}
                assert got == dict.fromkeys(VERBS, DENIED)
                assert _copy_from(cursor, table) == DENIED
        for table in SHARED:
            with subtests.test(table):
                for verb in (
                    'DELETE FROM "{t}"',
                    'UPDATE "{t}" SET id = 1',
                    'INSERT INTO "{t}" DEFAULT VALUES',
                ):
                    if table != "django_session" or "SET id" not in verb:
                        assert attempt(cursor, verb.format(t=table)) == DENIED, verb
        for verb in ELSEWHERE:
            assert attempt(cursor, verb) == DENIED, verb
    assert filled.rows() == before


def test_what_readers_are_denied_works_for_a_member(
    world: World, filled: Eye, subtests: pytest.Subtests
) -> None:
    """The twin: the same statements, so that a denial above is one of the role and not of the statement."""
    updatable = {table for (table,) in filled.execute(_GRANTED, ["UPDATE"])}
    assert len(updatable) >= 8
    with tenant_scope(world.cast.shicheng), connection.cursor() as cursor:
        for table in tenant_tables():
            with subtests.test(table):
                assert attempt(cursor, f"SELECT nextval('{table}_id_seq')") == "ok 1"
                for verb in ('SELECT 1 FROM "{t}" FOR UPDATE', 'UPDATE "{t}" SET tenant_id = tenant_id'):
                    expected = "ok 1" if table in updatable else DENIED
                    assert attempt(cursor, verb.format(t=table)) == expected
        transaction.set_rollback(True)


_GRANTED = """
SELECT c.relname FROM pg_class c CROSS JOIN aclexplode(c.relacl) g
WHERE g.grantee = 'lianxi_member'::regrole AND g.privilege_type = %s AND c.relkind = 'r'
  AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)
"""


@pytest.mark.parametrize("scope", SCOPES)
def test_the_orm_refuses_every_write_and_every_lock_loudly(
    world: World, filled: Eye, scope: str, subtests: pytest.Subtests
) -> None:
    before = filled.rows()
    # The dispatcher's predicate speaks of a column that most tables lack: that is loud as well.
    loud = (ScopeReadOnly, FieldError) if scope == "dispatch" else (ScopeReadOnly,)
    for model in MODELS:
        with subtests.test(model._meta.label), SCOPES[scope](world):
            for name, write in _writes(model).items():
                if scope == "dispatch" and "or_create" in name:
                    continue  # reads first, and the dispatcher reads nothing but timers
                with pytest.raises(loud), transaction.atomic():
                    write()
                    pytest.fail(f"{name} was not refused")
    assert filled.rows() == before


def test_the_orm_reads_in_the_scopes_in_which_it_refuses_to_write(world: World, filled: Eye) -> None:
    for model in MODELS:
        with street_scope(world.cast.shishan.pk):
            assert model.objects.count() == 3, model
        with district_scope(world.cast.district.pk):
            assert model.objects.count() == 6, model


@pytest.mark.parametrize("scope", SCOPES)
def test_no_event_is_logged_from_a_reading_scope(world: World, filled: Eye, scope: str) -> None:
    before = filled.heads()
    with pytest.raises(DatabaseError, match=r"permission denied|violates"), SCOPES[scope](world):
        trail.record("stray", actor=None)
    assert filled.heads() == before


def _writes(model: Any) -> dict[str, Callable[[], object]]:
    """Return every way of the ORM to write or to lock a row of a model."""
    row = model(id=900_000)
    known = model(id=900_000, tenant_id=1, street_id=1, district_id=1)
    known._state.adding = False
    objects = model.objects
    return {
        "save": row.save,
        "save of a known row": known.save,
        "forced update": lambda: known.save(force_update=True),
        "delete": known.delete,
        "create": lambda: objects.create(id=900_000),
        "bulk_create": lambda: objects.bulk_create([row]),
        "bulk_create on conflict": lambda: objects.bulk_create([row], ignore_conflicts=True),
        "bulk_update": lambda: objects.bulk_update([known], [_plain_field(model)]),
        "update": lambda: objects.update(**{_plain_field(model): None}),
        "delete of many": lambda: objects.all().delete(),
        "get_or_create": lambda: objects.get_or_create(id=900_000),
        "update_or_create": lambda: objects.update_or_create(id=900_000),
        "select_for_update": lambda: objects.select_for_update().first(),
        "select_for_update of some": lambda: list(objects.filter(id=1).select_for_update(of=("self",))),
    }


def _plain_field(model: Any) -> str:
    """Return a column that ordinary code may change."""
    skipped = ("id", "tenant_id", "street_id", "district_id")
    return str(next(field.name for field in model._meta.concrete_fields if field.name not in skipped))


def _copy_from(cursor: Any, table: str) -> str:
    try:
        with transaction.atomic(), cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
            copy.write(b"")
    except Exception as error:
        return type(error.__cause__ or error).__name__
    return "ok"
