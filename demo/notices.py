"""Let notice periods pass, in the demo only: the due date moves, the real timer does the rest."""

from __future__ import annotations

from datetime import date

from django.db.models.functions import Now

from tenants import trail
from workflows.engine.lock import lock_case
from workflows.models import Task


def let_notices_pass(*, yesterday: date) -> int:
    """Make every running notice of the active tenant one that ended yesterday; return how many.

    The whole period moves by the same number of days, so it keeps its length. Its timer becomes due and
    is fired by the worker's next sweep, like any other.
    """
    passed = 0
    for case_id, step_id in Task.objects.filter(status="SCHEDULED").values_list("process_id", "id"):
        lock_case(case_id)
        step = Task.objects.filter(pk=step_id, status="SCHEDULED").first()
        if step is None:
            continue
        starts_on, ends_on = (date.fromisoformat(step.data[name]) for name in ("starts_on", "ends_on"))
        shift = yesterday - ends_on
        step.data = {
            **step.data,
            "starts_on": (starts_on + shift).isoformat(),
            "ends_on": yesterday.isoformat(),
        }
        step.scheduled = Now()
        step.save()
        trail.record(
            "demo.notice_passed",
            actor=None,
            case_id=case_id,
            step_id=step_id,
            step=step.flow_task.name,
            changes={"ends_on": [ends_on.isoformat(), yesterday.isoformat()]},
        )
        passed += 1
    return passed
