"""Timers: fired when due, once, whoever sweeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Event
from registry.models import Member
from tests.cast import ELIGIBLE, Cast, inside, make_member, nomination
from tests.workflows.steps import FLOW, Walk
from workflows.actions.decide import decide
from workflows.actions.start import start
from workflows.engine import timers
from workflows.models import Task
from workflows.rules.working_days import NATIONAL, last_day


def test_a_notice_waits_five_working_days_in_the_offices_time_zone(cast: Cast) -> None:
    walk = Walk(cast).check().review()
    with inside(cast.shicheng):
        notice = Task.objects.get(process_id=walk.case_id, status="SCHEDULED")
    ends_on = last_day(timezone.localdate(), 5, NATIONAL)
    midnight = datetime.combine(ends_on + timedelta(days=1), time.min, ZoneInfo("Asia/Shanghai"))
    assert date.fromisoformat(notice.data["ends_on"]) == ends_on
    assert notice.scheduled == midnight


def test_a_timer_does_not_fire_before_it_is_due(cast: Cast) -> None:
    walk = Walk(cast).check().review()
    assert timers.sweep() == 0
    assert walk.waiting_at() == ["community_notice"]


def test_a_due_timer_fires_once_with_three_sweepers(cast: Cast) -> None:
    walk = Walk(cast).check().review()
    _make_due(cast, walk)

    def sweep(_: int) -> int:
        try:
            return timers.sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(sweep, range(3))) == 1
    assert walk.waiting_at() == ["street_meeting"]
    with inside(cast.shicheng):
        assert Event.objects.of(cast.shicheng.pk).filter(verb="step.timer_fired").count() == 1


def test_a_timer_that_fails_stays_and_holds_up_no_other(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    broken = Walk(cast).check().review()
    with inside(cast.shicheng):
        Task.objects.filter(process_id=broken.case_id, status="SCHEDULED").update(
            flow_task="workflows/flows.outstanding_member.OutstandingMemberAward.no_such_step",
            scheduled=timezone.now() - timedelta(hours=2),
        )
    other = _second_case(cast, make_member(cast.dongshanbei, "李四"))
    assert timers.sweep() == 1
    assert "will be tried again" in caplog.text
    with inside(cast.dongshanbei):
        assert Task.objects.get(process_id=other, finished=None).flow_task.name == "street_meeting"
    with inside(cast.shicheng):
        assert Task.objects.filter(process_id=broken.case_id, status="SCHEDULED").exists()


def _second_case(cast: Cast, member: Member) -> int:
    clerk, secretary = cast.actor("chen_jing"), cast.actor("liu_yang")
    with inside(cast.dongshanbei):
        case_id = start(FLOW, actor=clerk, data=nomination(member)).pk
        for actor, arguments in ((clerk, {"data": ELIGIBLE}), (secretary, {"outcome": "agreed"})):
            step = Task.objects.get(process_id=case_id, status="NEW")
            decide(case_id, step.pk, actor=actor, **arguments)
        Task.objects.filter(status="SCHEDULED").update(scheduled=timezone.now() - timedelta(hours=1))
    return int(case_id)


def _make_due(cast: Cast, walk: Walk) -> None:
    with inside(cast.shicheng):
        changed = Task.objects.filter(process_id=walk.case_id, status="SCHEDULED").update(
            scheduled=timezone.now() - timedelta(minutes=1)
        )
    assert changed == 1
