"""Growing the demo: what is loaded in bulk is as sound as what the application writes."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg.conninfo import make_conninfo

from demo.grow import Size, grow
from demo.street import create_street
from tenants.actors import Actor, actor_for
from tenants.models import Tenant, User
from tenants.scope import district_scope, street_scope, tenant_scope
from tests.cast import ELIGIBLE
from tests.tenants import catalogue
from workflows import queries
from workflows.actions.decide import decide
from workflows.models import Process, Task

SIZE = Size(communities=60, steps=1500, streets_per_district=2, open_percent=50)
TENANT_TABLES = (
    "tenants_appointment",
    "registry_member",
    "registry_award",
    "workflows_process",
    "workflows_task",
    "workflows_tasklink",
    "workflows_decision",
    "workflows_casecounter",
)


@pytest.fixture
def street(database: None) -> None:
    create_street()


@pytest.fixture
def grown(street: None) -> None:
    grow(SIZE, say=lambda line: None)


def read(sql: str) -> list[Any]:
    """Read in every tenant at once, as only a superuser does."""
    conninfo = make_conninfo(settings.ADMIN_CONNINFO, dbname=connection.settings_dict["NAME"])
    with psycopg.connect(conninfo) as admin:
        return admin.execute(sql).fetchall()


def person(username: str) -> Actor:
    return actor_for(User.objects.get(username=username))


def test_as_many_communities_and_steps_are_added_as_asked_for(grown: None) -> None:
    levels = dict(read("SELECT level, count(*) FROM tenants_tenant WHERE slug LIKE '%-%' GROUP BY 1"))
    assert levels == {"city": 1, "district": 3, "street": 5, "community": 60}
    ((steps,),) = read("SELECT count(*) FROM workflows_task")
    assert 1500 <= steps < 1512
    ((open_share,),) = read("SELECT avg((status = 'NEW')::int) FROM workflows_process")
    assert 0.3 < open_share < 0.7


def test_few_communities_are_busy_and_most_are_quiet(grown: None) -> None:
    counts = [
        count for (count,) in read("SELECT count(*) FROM workflows_process GROUP BY tenant_id ORDER BY 1")
    ]
    assert counts[-1] > 4 * counts[len(counts) // 2]


def test_every_row_carries_the_place_of_its_tenant(grown: None) -> None:
    for table in TENANT_TABLES:
        wrong = read(
            f"SELECT r.id FROM {table} r JOIN tenants_tenant t ON t.id = r.tenant_id"
            " WHERE (r.street_id, r.district_id) <> (t.street_id, t.district_id)"
        )
        assert wrong == [], table
        assert read(f"SELECT 1 FROM {table} LIMIT 1"), table


def test_every_place_lies_under_its_parent(grown: None) -> None:
    wrong = read(
        "SELECT c.slug FROM tenants_tenant c JOIN tenants_tenant p ON p.id = c.parent_id"
        " WHERE c.slug LIKE '%-%' AND (c.level, p.level, c.street_id, c.district_id) NOT IN"
        " (('community', 'street', p.id, p.district_id), ('street', 'district', c.id, p.id),"
        "  ('district', 'city', 0, c.id))"
    )
    assert wrong == []


def test_no_case_is_without_an_open_step_a_timer_or_an_end(grown: None) -> None:
    wrong = read(
        "SELECT p.id FROM workflows_process p JOIN workflows_task t"
        " ON t.tenant_id = p.tenant_id AND t.process_id = p.id GROUP BY p.tenant_id, p.id, p.status"
        " HAVING count(*) FILTER (WHERE t.finished IS NULL) <> CASE p.status WHEN 'NEW' THEN 1 ELSE 0 END"
        " OR count(*) FILTER (WHERE t.flow_task_type = 'END') <> CASE p.status WHEN 'NEW' THEN 0 ELSE 1 END"
    )
    assert wrong == []


def test_no_step_is_from_the_future_and_each_follows_the_one_before(grown: None) -> None:
    assert read("SELECT id FROM workflows_task WHERE created > now() OR finished > now()") == []
    assert read("SELECT id FROM workflows_task WHERE finished < created") == []
    wrong = read(
        "SELECT l.id FROM workflows_tasklink l JOIN workflows_task f ON f.id = l.from_task_id"
        " JOIN workflows_task t ON t.id = l.to_task_id"
        " WHERE f.process_id <> t.process_id OR f.created < t.finished"
    )
    assert wrong == []


def test_the_schema_still_keeps_tenants_apart(grown: None) -> None:
    assert catalogue.problems() == []


def test_growing_adds_to_the_demo_street_and_to_what_grew_before(grown: None) -> None:
    before = read("SELECT id, slug FROM tenants_tenant ORDER BY id")
    call_command("demo", "grow", "--communities", "5", "--steps", "40", verbosity=0)
    after = read("SELECT id, slug FROM tenants_tenant ORDER BY id")
    assert after[: len(before)] == before
    assert len(after) == len(before) + 5 + 1 + 1 + 1
    assert ("shishan",) in read("SELECT slug FROM tenants_tenant")
    assert len(read("SELECT id FROM workflows_task")) >= 1540


def test_ids_of_rows_written_afterwards_are_new(grown: None) -> None:
    for table in ("tenants_tenant", "tenants_user", *TENANT_TABLES):
        ((last, highest),) = read(
            f"SELECT (SELECT last_value FROM {table}_id_seq), (SELECT max(id) FROM {table})"
        )
        assert last >= highest, table


def test_a_grown_secretary_decides_a_grown_step(grown: None) -> None:
    tenant_id, step_id, case_id = read(
        "SELECT tenant_id, id, process_id FROM workflows_task"
        " WHERE status = 'NEW' AND post_role = 'community_secretary' LIMIT 1"
    )[0]
    tenant, actor = Tenant.objects.get(pk=tenant_id), person(f"secretary-{tenant_id}")
    with tenant_scope(tenant):
        assert queries.todo(actor, tenant.pk).filter(pk=step_id).exists()
        decide(case_id, step_id, actor=actor, outcome="agreed")
        assert queries.step_states(Process.objects.get(pk=case_id))["community_notice"] == "SCHEDULED"


def test_a_grown_case_that_was_sent_back_waits_for_its_clerk(grown: None) -> None:
    tenant_id, step_id, case_id = read(
        "SELECT tenant_id, id, process_id FROM workflows_task"
        " WHERE status = 'NEW' AND offered_to_id IS NOT NULL"
    )[0]
    clerk = person(f"clerk-{tenant_id}")
    with tenant_scope(Tenant.objects.get(pk=tenant_id)):
        case = Process.objects.get(pk=case_id)
        decide(case_id, step_id, actor=clerk, data=case.data["nomination"])
        check = Task.objects.get(process_id=case_id, status="NEW")
        decide(case_id, check.pk, actor=clerk, data=ELIGIBLE)
        assert queries.step_states(Process.objects.get(pk=case_id))["community_review"] == "NEW"


def test_a_grown_officer_finds_the_steps_of_the_street_oldest_first(grown: None) -> None:
    street_id = read(
        "SELECT post_tenant_id FROM workflows_task WHERE status = 'NEW' AND post_role = 'street_officer'"
    )[0][0]
    officer = person(f"officer-{street_id}")
    with street_scope(street_id):
        steps = list(queries.with_place(queries.todo(officer, street_id)))
    assert steps
    assert {step.street_id for step in steps} == {street_id}
    assert [step.created for step in steps] == sorted(step.created for step in steps)
    places = {tenant.pk: tenant.slug for tenant in Tenant.objects.filter(street_id=street_id)}
    assert all(step.place_slug == places[step.tenant_id] for step in steps)


def test_a_district_sees_what_waits_in_all_of_its_tenants_and_nothing_else(grown: None) -> None:
    ((district_id, waiting),) = read(
        "SELECT district_id, count(*) FROM workflows_task WHERE status IN ('NEW', 'ASSIGNED')"
        " GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    )
    with district_scope(district_id):
        steps = list(queries.waiting())
    assert len(steps) == waiting
    assert {step.district_id for step in steps} == {district_id}
    assert {step.process.pk for step in steps} == {step.process_id for step in steps}


def test_a_member_s_rows_name_the_one_place(grown: None) -> None:
    tenant_id = read(
        "SELECT tenant_id FROM workflows_task WHERE status = 'NEW' AND post_role = 'community_clerk'"
    )[0][0]
    tenant, clerk = Tenant.objects.get(pk=tenant_id), person(f"clerk-{tenant_id}")
    with tenant_scope(tenant):
        steps = list(queries.with_place(queries.todo(clerk, tenant_id)))
    assert {(step.place_slug, step.place_name) for step in steps} == {(tenant.slug, tenant.name)}


def test_the_next_case_number_follows_those_of_the_grown_cases(grown: None) -> None:
    wrong = read(
        "SELECT c.id FROM workflows_casecounter c"
        " WHERE c.last <> (SELECT max(split_part(p.number, '-', 3)::int) FROM workflows_process p"
        "                  WHERE p.tenant_id = c.tenant_id AND split_part(p.number, '-', 2)::int = c.year)"
    )
    assert wrong == []


def test_it_is_refused_outside_a_demo(street: None, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo"):
        call_command("demo", "grow", "--communities", "5", "--steps", "40")
    assert read("SELECT count(*) FROM tenants_tenant WHERE slug LIKE '%-%'") == [(0,)]


def test_it_is_refused_without_a_superuser(street: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for conninfo in ("", make_conninfo(settings.ADMIN_CONNINFO, user="lianxi_owner")):
        monkeypatch.setattr(settings, "ADMIN_CONNINFO", conninfo)
        with pytest.raises(CommandError, match="DATABASE_ADMIN_URL"):
            call_command("demo", "grow", "--communities", "5", "--steps", "40")
    monkeypatch.undo()
    assert read("SELECT count(*) FROM tenants_tenant WHERE slug LIKE '%-%'") == [(0,)]


@pytest.mark.parametrize("wrong", [["--communities", "0"], ["--steps", "-1"], ["--open-percent", "101"]])
def test_a_size_that_makes_no_sense_is_refused(street: None, wrong: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("demo", "grow", *wrong)
