"""Fire timers that are due, each once, whoever sweeps and however often."""

from __future__ import annotations

import logging

from django.db.models.functions import Now

from tenants import trail
from tenants.models import Tenant
from tenants.scope import dispatch_scope, tenant_scope
from workflows.engine.lock import lock_case
from workflows.errors import NotFound
from workflows.models import Task

log = logging.getLogger(__name__)

BATCH = 500


def sweep() -> int:
    """Fire every timer that is due by the database's clock; return how many fired.

    One transaction each: a timer that fails is logged, stays scheduled and is tried again by the next
    sweep, and holds up no other.
    """
    fired = 0
    for tenant_id, step_id in _due():
        try:
            fired += fire(tenant_id, step_id)
        except Exception:
            log.exception(
                "The timer of step %s in tenant %s failed and will be tried again.", step_id, tenant_id
            )
    return fired


def fire(tenant_id: int, step_id: int) -> bool:
    """Fire one timer if it is still due; tell whether it fired."""
    tenant = Tenant.objects.get(pk=tenant_id)
    with tenant_scope(tenant):
        case_id = Task.objects.filter(pk=step_id).values_list("process_id", flat=True).first()
        if case_id is None:
            raise NotFound
        case = lock_case(case_id)
        step = Task.objects.filter(pk=step_id, status="SCHEDULED", scheduled__lte=Now()).first()
        if step is None:
            return False
        step.process = case
        activation = step.flow_task.activation_class(step)
        activation.fire()
        trail.record(
            "step.timer_fired", actor=None, case_id=case.pk, step_id=step.pk, step=step.flow_task.name
        )
        activation.activate_next()
    return True


def _due() -> list[tuple[int, int]]:
    with dispatch_scope():
        waiting = Task.objects.filter(scheduled__lte=Now()).order_by("scheduled")
        return list(waiting.values_list("tenant_id", "id")[:BATCH])
