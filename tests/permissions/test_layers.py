"""Three layers, each with the others off: any one of them alone keeps a community's rows to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import PropertyMock, patch

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from registry.models import Member
from tenants.actors import Actor, actor_for
from tenants.errors import ScopeMissing
from tenants.models import Tenant
from tenants.rows import TenantModel
from tenants.scope import Scope, district_scope, street_scope, tenant_scope
from tests.cast import ELIGIBLE, inside
from tests.permissions.asking import client_of
from tests.permissions.rows import fill
from tests.permissions.world import SECRET, Eye, World
from tests.tenants.catalogue import tenant_tables
from workflows import permissions, queries
from workflows.engine.lock import lock_case
from workflows.engine.steps import lock_step, record_decision
from workflows.errors import NotFound, StepClosed
from workflows.models import Decision, Outcome, Process, Task

MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]


@contextmanager
def without_policies(eye: Eye) -> Iterator[None]:
    """Switch row-level security off, and let every role do everything."""
    for table in tenant_tables():
        eye.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    try:
        yield
    finally:
        for table in tenant_tables():
            eye.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')


@contextmanager
def without_predicate(eye: Eye) -> Iterator[None]:
    """Let the manager add nothing to any statement."""
    listening = connection.execute_wrappers[:]
    connection.execute_wrappers.clear()  # those who record statements would find these wrong, and rightly
    try:
        with patch.object(Scope, "predicate", new_callable=PropertyMock, return_value={}):
            yield
    finally:
        connection.execute_wrappers[:] = listening


LAYERS = {"without policies": without_policies, "without predicate": without_predicate}


@pytest.fixture(params=LAYERS)
def off(request: pytest.FixtureRequest, world: World, eye: Eye) -> Iterator[None]:
    with LAYERS[request.param](eye):
        yield


@pytest.fixture
def filled(world: World, eye: Eye) -> Eye:
    fill(eye, list(Tenant.objects.all()))
    return eye


@pytest.mark.usefixtures("filled", "off")
def test_one_layer_less_and_every_list_still_holds_the_scopes_rows_only(world: World) -> None:
    cast = world.cast
    communities = {cast.shishan.pk, cast.shicheng.pk, cast.dongshanbei.pk}
    for model in MODELS:
        with tenant_scope(cast.shicheng):
            assert _tenants(model) == {cast.shicheng.pk}, model
        with street_scope(cast.shishan.pk):
            assert _tenants(model) == communities, model
        with district_scope(world.north.pk):
            assert _tenants(model) == {world.north.pk, world.north_gate.pk, world.north_gate_first.pk}, model


@pytest.mark.usefixtures("off")
def test_one_layer_less_and_a_foreign_row_is_still_out_of_reach(world: World, eye: Eye) -> None:
    with inside(world.cast.shicheng):
        foreign = Member.objects.get(pk=world.own.member_id)
        step = Task.objects.get(pk=world.own.step_id)
    foreign.name = "改名"
    before = eye.rows()
    ways: dict[str, Callable[[], object]] = {
        "get": lambda: Member.objects.get(pk=foreign.pk),
        "refresh": foreign.refresh_from_db,
        "forced save": lambda: foreign.save(force_update=True),
        "lock": lambda: lock_case(world.own.id),
        "step": lambda: lock_step(world.own.id, world.own.step_id),
        "relation": lambda: Task.objects.select_related("process").get(process__id=world.own.id),
        "by way of a step": lambda: Process.objects.get(task_set__id=step.pk),
    }
    for name, way in ways.items():
        with pytest.raises(
            (Member.DoesNotExist, Task.DoesNotExist, Process.DoesNotExist, DatabaseError, NotFound)
        ):
            with tenant_scope(world.cast.dongshanbei):
                way()
                pytest.fail(f"{name} reached a foreign row")
    with tenant_scope(world.cast.dongshanbei):
        assert Member.objects.filter(pk=foreign.pk).update(name="改名") == 0
        assert queries.case_of_step(world.own.step_id) is None
        assert list(step.previous.all()) == []
    assert eye.rows() == before


@pytest.mark.usefixtures("off")
def test_one_layer_less_and_pages_still_answer_404(world: World, eye: Eye) -> None:
    before, place = eye.rows(), world.cast.dongshanbei.slug
    sibling = client_of(world, "sibling")
    for path in (f"/{place}/cases/{world.own.id}", f"/shicheng/cases/{world.own.id}"):
        assert sibling.get(path).status_code == 404
        step = f"{path}/steps/{world.own.step_id}"
        assert sibling.post(f"{step}/decide", ELIGIBLE).status_code == 404
        assert sibling.post(f"{step}/claim").status_code == 404
    for page in ("inbox/todo", "inbox/done", "inbox/mine", "members/", "start/outstanding-member"):
        response = sibling.get(f"/{place}/{page}")
        assert response.status_code == 200
        assert SECRET not in response.content.decode()
    assert eye.rows() == before


def test_without_a_scope_the_orm_raises_even_where_the_database_would_show_everything(
    world: World, eye: Eye
) -> None:
    user = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = "postgres"
    before = eye.rows()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM registry_member")
            assert cursor.fetchone() != (0,)
        for model in MODELS:
            for name, way in _ways(model).items():
                with pytest.raises(ScopeMissing):
                    way()
                    pytest.fail(f"{model.__name__}.{name} needs no scope")
    finally:
        connection.close()
        connection.settings_dict["USER"] = user
    assert eye.rows() == before


def test_a_case_is_not_given_out_in_its_own_scope_to_those_who_hold_no_post_over_it(world: World) -> None:
    """The edges enter a scope only after a look at the tree; `get_case` looks again."""
    own, cast = world.own, world.cast
    for name in ("sibling", "other_street", "other_district", "no_post"):
        actor = _actor(world, name)
        with pytest.raises(NotFound):
            permissions.get_tenant(actor, cast.shicheng.slug)
        with inside(cast.shicheng), pytest.raises(NotFound):
            permissions.get_case(actor, cast.shicheng, own.id)
    for name in ("own", "colleague", "street", "district"):
        actor = _actor(world, name)
        assert permissions.get_tenant(actor, cast.shicheng.slug) == cast.shicheng
        with inside(cast.shicheng):
            assert permissions.get_case(actor, cast.shicheng, own.id).pk == own.id


def test_a_step_is_decided_once_even_by_those_who_hold_no_lock(world: World) -> None:
    actor = _actor(world, "own")
    with inside(world.cast.shicheng):
        step = Task.objects.get(pk=world.own.step_id)
        given = {"actor": actor, "outcome": Outcome.AGREED, "comment": "", "content": {}}
        first = record_decision(step, **given)
        with pytest.raises(StepClosed), transaction.atomic():
            record_decision(step, **given)
        with pytest.raises(IntegrityError, match="one_decision_per_step"), transaction.atomic():
            first.pk, first._state.adding = None, True
            first.save()
        assert Decision.objects.filter(task=step).count() == 1


def _actor(world: World, name: str) -> Actor:
    return actor_for(world.people[name])


def _tenants(model: Any) -> set[int]:
    return set(model.objects.values_list("tenant_id", flat=True))


def _ways(model: Any) -> dict[str, Callable[[], object]]:
    """Return ways to reach rows, each of which must ask for a scope."""
    known = model(id=1, tenant_id=1, street_id=1, district_id=1)
    known._state.adding = False
    return {
        "count": lambda: model.objects.count(),
        "list": lambda: list(model.objects.all()),
        "base manager": lambda: model._base_manager.first(),
        "default manager": lambda: model._default_manager.first(),
        "get": lambda: model.objects.get(pk=1),
        "filter": lambda: model.objects.filter(pk=1).exists(),
        "in_bulk": lambda: model.objects.in_bulk([1]),
        "aggregate": lambda: model.objects.aggregate(),
        "raw": lambda: list(model.objects.all().raw(f"SELECT * FROM {model._meta.db_table}")),
        "update": lambda: model.objects.update(id=1),
        "delete": lambda: model.objects.all().delete(),
        "create": lambda: model.objects.create(),
        "bulk_create": lambda: model.objects.bulk_create([model()]),
        "select_for_update": lambda: model.objects.select_for_update().first(),
        "refresh": known.refresh_from_db,
        "save": known.save,
        "save a new one": model().save,
        "delete one": known.delete,
    }
