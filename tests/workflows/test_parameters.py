"""Parameters as the levels set them: tightened on the way down, pinned by each case."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.administration.close import close
from tenants.administration.move import move
from tenants.errors import InvalidEntry, NotAllowed, NotPossible
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from tests.cast import Cast, inside, make_member, nomination
from tests.tenants.administrators import administrator, fresh, last_event, verbs
from tests.workflows.steps import FLOW, Walk
from workflows.actions.start import start
from workflows.models import ParameterSetting
from workflows.parameters import effective_parameters, explain, set_parameter

SHARE, DAYS, MAJORITY = "award.max_share_member", "notice.days_award", "resolution.pass_percent"
DAY = timedelta(days=1)


def today() -> date:
    return timezone.localdate()


def value(parameter: str, tenant: Tenant, on: date | None = None) -> int:
    return effective_parameters(FLOW, tenant.pk, on or today())[parameter]


def test_a_streets_setting_holds_in_its_communities_and_nowhere_else(cast: Cast) -> None:
    keeper = administrator(cast.shishan, Role.TENANT_ADMIN)
    set_parameter(cast.shishan, DAYS, value=6, actor=keeper)
    assert (value(DAYS, cast.shicheng), value(DAYS, cast.dongshanbei), value(DAYS, cast.shishan)) == (6, 6, 6)
    assert (value(DAYS, cast.yuntai_first), value(DAYS, cast.district)) == (5, 5)
    event = last_event(cast.shishan)
    assert (event.verb, event.post) == ("parameter.set", "tenant_admin")
    assert event.changes == {"parameter": DAYS, "value": [None, 6], "effective_from": today().isoformat()}


def test_a_community_tightens_what_its_street_set_and_cannot_loosen_it(cast: Cast) -> None:
    set_parameter(cast.shishan, DAYS, value=6, actor=None)
    with pytest.raises(InvalidEntry, match=r"6.*7") as refusal:
        set_parameter(cast.shicheng, DAYS, value=5, actor=None)
    assert refusal.value.field == "value"
    assert value(DAYS, cast.shicheng) == 6
    assert verbs(cast.shicheng) == []
    set_parameter(cast.shicheng, DAYS, value=7, actor=None)
    assert (value(DAYS, cast.shicheng), value(DAYS, cast.dongshanbei)) == (7, 6)


def test_only_the_top_of_the_tree_may_loosen_a_default(cast: Cast) -> None:
    with pytest.raises(InvalidEntry):
        set_parameter(cast.shishan, SHARE, value=8, actor=None)
    assert value(SHARE, cast.shicheng) == 5
    set_parameter(cast.city, SHARE, value=8, actor=None)
    assert value(SHARE, cast.shicheng) == 8
    set_parameter(cast.shishan, SHARE, value=7, actor=None)
    assert value(SHARE, cast.shicheng) == 7
    with pytest.raises(InvalidEntry):
        set_parameter(cast.city, SHARE, value=11, actor=None)
    assert value(SHARE, cast.yuntai_first) == 8


def test_a_later_tightening_above_overrides_what_is_looser_below(cast: Cast) -> None:
    set_parameter(cast.shicheng, SHARE, value=4, actor=None)
    set_parameter(cast.district, SHARE, value=3, actor=None)
    assert value(SHARE, cast.shicheng) == 3
    assert explain(SHARE, cast.shicheng, today()).decided_by.name == cast.district.name  # type: ignore[union-attr]
    set_parameter(cast.district, SHARE, value=None, actor=None)
    assert value(SHARE, cast.shicheng) == 4


def test_a_setting_holds_from_its_day_on_and_every_version_is_kept(cast: Cast) -> None:
    set_parameter(cast.shishan, DAYS, value=6, actor=None)
    set_parameter(cast.shishan, DAYS, value=7, effective_from=today() + 10 * DAY, actor=None)
    assert value(DAYS, cast.shicheng) == 6
    assert value(DAYS, cast.shicheng, today() + 9 * DAY) == 6
    assert value(DAYS, cast.shicheng, today() + 10 * DAY) == 7
    assert value(DAYS, cast.shicheng, today() - DAY) == 5
    assert ParameterSetting.objects.count() == 2


def test_a_case_keeps_the_values_it_was_accepted_under(cast: Cast) -> None:
    set_parameter(cast.shishan, DAYS, value=6, actor=None)
    walk = Walk(cast)
    set_parameter(cast.shishan, DAYS, value=7, actor=None)
    assert walk.case().parameters[DAYS] == 6
    second = make_member(cast.dongshanbei, "李四")
    clerk = cast.actor("chen_jing")
    with inside(cast.dongshanbei):
        case = start(FLOW, actor=clerk, data=nomination(second))
    assert case.parameters[DAYS] == 7


def test_every_value_of_a_case_takes_one_statement(cast: Cast) -> None:
    with inside(cast.shicheng), CaptureQueriesContext(connection) as queries:
        values = effective_parameters(FLOW, cast.shicheng.pk, today())
    assert len(queries) == 1
    assert set(values) == {parameter.id for parameter in FLOW.parameters}


def test_the_explanation_names_the_level_that_decided_and_what_may_be_set(cast: Cast) -> None:
    set_parameter(cast.shishan, DAYS, value=6, actor=None)
    found = explain(DAYS, cast.shicheng, today())
    assert found.decided_by is not None
    assert (found.value, found.decided_by.tenant_id, found.decided_by.since) == (6, cast.shishan.pk, today())
    assert [level.value for level in found.levels] == [None, None, 6, None]
    assert (found.bounds.minimum, found.bounds.maximum) == (6, 7)
    assert explain(DAYS, cast.yuntai, today()).decided_by is None


def test_a_moved_community_follows_its_new_street(cast: Cast) -> None:
    set_parameter(cast.shishan, DAYS, value=6, actor=None)
    set_parameter(cast.yuntai, DAYS, value=7, actor=None)
    move(cast.shicheng, to=cast.yuntai, actor=None)
    assert value(DAYS, fresh(cast.shicheng)) == 7


@pytest.mark.parametrize("number", [49, 50, 60])
def test_what_the_nation_fixes_cannot_be_set(cast: Cast, number: int) -> None:
    with pytest.raises(NotPossible):
        set_parameter(cast.city, MAJORITY, value=number, actor=None)
    assert value(MAJORITY, cast.shicheng) == 50
    assert not ParameterSetting.objects.exists()


def test_what_makes_no_sense_is_refused_naming_the_field(cast: Cast) -> None:
    for field, arguments in (
        ("parameter", ("award.unknown", 5, None)),
        ("effective_from", (DAYS, 6, today() - DAY)),
        ("value", (DAYS, None, None)),
        ("value", (DAYS, 8, None)),
    ):
        parameter, number, starts = arguments
        with pytest.raises(InvalidEntry) as refusal:
            set_parameter(cast.shishan, parameter, value=number, effective_from=starts, actor=None)
        assert refusal.value.field == field
    close(cast.yuntai_first, actor=None)
    with pytest.raises(NotPossible):
        set_parameter(fresh(cast.yuntai_first), DAYS, value=6, actor=None)
    assert not ParameterSetting.objects.exists()


def test_only_an_administrator_of_the_tenant_or_of_one_above_it_sets(cast: Cast) -> None:
    for outsider in (
        cast.actor("zhao_qiang"),
        administrator(cast.yuntai, Role.SYSTEM_ADMIN, "a1"),
        administrator(cast.shicheng, Role.TENANT_ADMIN, "a2"),
        administrator(cast.shishan, Role.AUDIT_ADMIN, "a3"),
    ):
        with pytest.raises(NotAllowed):
            set_parameter(cast.shishan, DAYS, value=6, actor=outsider)
    assert value(DAYS, cast.shicheng) == 5
    set_parameter(cast.shishan, DAYS, value=6, actor=administrator(cast.district, Role.SYSTEM_ADMIN, "a4"))
    assert value(DAYS, cast.shicheng) == 6


def test_the_database_lets_a_tenant_set_its_own_parameters_only_and_change_none(cast: Cast) -> None:
    insert = (
        "INSERT INTO workflows_parametersetting"
        " (tenant_id, parameter, value, effective_from, set_by_name, set_at)"
        " VALUES (%s, %s, 6, now(), '', now())"
    )
    with pytest.raises(DatabaseError, match="row-level security"):
        with tenant_scope(cast.shicheng), connection.cursor() as cursor:
            cursor.execute(insert, [cast.shishan.pk, DAYS])
    with tenant_scope(cast.shicheng), connection.cursor() as cursor:
        cursor.execute(insert, [cast.shicheng.pk, DAYS])
    for statement in (
        "UPDATE workflows_parametersetting SET value = 5",
        "DELETE FROM workflows_parametersetting",
    ):
        with pytest.raises(DatabaseError, match="permission denied"):
            with tenant_scope(cast.shicheng), connection.cursor() as cursor:
                cursor.execute(statement)
    assert (value(DAYS, cast.shicheng), value(DAYS, cast.dongshanbei)) == (6, 5)
