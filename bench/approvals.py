"""One approval: how many a second, against a plain transaction that writes the same rows.

The reference is psycopg alone, on the same tables, with the same role, policies, lock, decision, log entry
and following steps, written as an expert would by hand. Both are single-threaded, in the same run, in turns.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from bench.place import Place, prepare

CASES = 150
ROUNDS = 5


def main() -> None:
    place = prepare()
    engine_rates, raw_rates, statements = [], [], 0
    for number in range(ROUNDS):
        steps = _cases(place, number)
        half = len(steps) // 2
        engine_rates.append(_rate(lambda pair: _approve(place, *pair), steps[:half]))
        with _raw_connection() as connection:
            raw_rates.append(_rate(lambda pair, c=connection: _raw_approve(c, place, *pair), steps[half:]))
    statements = _statements(place)
    ratio = statistics.median(e / r for e, r in zip(engine_rates, raw_rates, strict=True))
    print(
        f"approvals/s: engine {min(engine_rates):.0f} to {max(engine_rates):.0f}, "
        f"plain {min(raw_rates):.0f} to {max(raw_rates):.0f}"
    )
    print(
        json.dumps(
            {
                "approvals_per_s": round(statistics.median(engine_rates), 1),
                "raw_sql_per_s": round(statistics.median(raw_rates), 1),
                "ratio_to_raw": round(ratio, 3),
                "statements_per_approval": statements,
            }
        )
    )


def _rate(act: Callable[[tuple[int, int]], None], steps: list[tuple[int, int]]) -> float:
    began = time.perf_counter()
    for step in steps:
        act(step)
    return len(steps) / (time.perf_counter() - began)


def _cases(place: Place, round_number: int) -> list[tuple[int, int]]:
    """Return (case, step) of cases that wait for the community's review."""
    from tenants.scope import tenant_scope
    from workflows.actions.decide import decide
    from workflows.models import Task

    steps = []
    with tenant_scope(place.tenant):
        cases = [_case(place, f"{round_number}-{number}") for number in range(CASES)]
        for case_id in cases:
            check = Task.objects.get(process_id=case_id, status="NEW")
            eligible = {"dues_paid_to": "2026-06-01", "last_appraisal": "excellent", "discipline": "no"}
            decide(case_id, check.pk, actor=place.clerk, data=eligible)
            steps.append((case_id, Task.objects.get(process_id=case_id, status="NEW").pk))
    return steps


def _case(place: Place, number: str) -> int:
    """Open a case past the nomination's own form, whose share of nominees is not measured here."""
    from workflows.actions.start import _opening_step, new_case
    from workflows.engine.activations import StartActivation
    from workflows.flows import FLOWS

    flow = FLOWS["outstanding-member"]
    case = new_case(flow, place.clerk)
    case.number, case.title = f"量-{number}", "量"
    case.save()
    step = _opening_step(case, flow.instance.node("start"), place.clerk, "community_clerk")
    activation = StartActivation(step)
    activation.complete()
    activation.activate_next()
    return int(case.pk)


def _approve(place: Place, case_id: int, step_id: int) -> None:
    from tenants.scope import tenant_scope
    from workflows.actions.decide import decide

    with tenant_scope(place.tenant):
        decide(case_id, step_id, actor=place.secretary, outcome="agreed")


def _statements(place: Place) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    case_id, step_id = _cases(place, ROUNDS)[0]
    with CaptureQueriesContext(connection) as queries:
        _approve(place, case_id, step_id)
    return len(queries)


def _raw_connection() -> Any:
    import psycopg
    from django.db import connection

    parameters = connection.get_connection_params()
    kept = ("host", "port", "user", "dbname", "password")
    return psycopg.connect(**{name: parameters[name] for name in kept if parameters.get(name)})


_FLOW = "workflows/flows.outstanding_member.OutstandingMemberAward"
_NEW_STEP = """
INSERT INTO workflows_task (flow_task, flow_task_type, token, tenant_id, street_id, district_id, status,
                            created, started, finished, scheduled, owner_name, post_role, data, process_id)
VALUES (%s, %s, 'start', %s, %s, %s, %s, now(), now(), %s, %s, '', '', '{}', %s) RETURNING id
"""
_LINK = """
INSERT INTO workflows_tasklink (tenant_id, street_id, district_id, from_task_id, to_task_id)
VALUES (%s, %s, %s, %s, %s)
"""


def _raw_approve(connection: Any, place: Place, case_id: int, step_id: int) -> None:
    tenant: Any = place.tenant
    actor: Any = place.secretary
    ids = (tenant.pk, tenant.street_id, tenant.district_id)
    with connection.transaction(), connection.cursor() as sql:
        sql.execute(
            "SET LOCAL ROLE lianxi_member;"
            f"SET LOCAL app.tenant_id={ids[0]};SET LOCAL app.street_id={ids[1]};"
            f"SET LOCAL app.district_id={ids[2]};SET LOCAL lock_timeout='5s'"
        )
        sql.execute(
            "SELECT p.data, t.status FROM workflows_process p JOIN workflows_task t"
            " ON t.tenant_id = p.tenant_id AND t.process_id = p.id"
            " WHERE p.tenant_id = %s AND p.id = %s AND t.id = %s FOR UPDATE OF p",
            (ids[0], case_id, step_id),
        )
        data, status = sql.fetchone()
        assert status == "NEW"
        data["community_review"] = {"outcome": "agreed"}
        sql.execute(
            "UPDATE workflows_process SET data = %s WHERE tenant_id = %s AND id = %s",
            (json.dumps(data), ids[0], case_id),
        )
        sql.execute(
            "UPDATE workflows_task SET status = 'DONE', owner_id = %s, owner_name = %s, finished = now()"
            " WHERE tenant_id = %s AND id = %s",
            (actor.user_id, actor.name, ids[0], step_id),
        )
        sql.execute(
            "INSERT INTO workflows_decision (tenant_id, street_id, district_id, process_id, task_id,"
            " actor_id, actor_name, post_role, outcome, comment, data, decided_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, 'community_secretary', 'agreed', '', '{}', now())",
            (*ids, case_id, step_id, actor.user_id, actor.name),
        )
        at = _raw_log(sql, ids, actor, case_id, step_id)
        gateway = (f"{_FLOW}.community_agrees", "EXCLUSIVE_GATEWAY", *ids, "DONE", at, None, case_id)
        gateway_id = sql.execute(_NEW_STEP, gateway).fetchone()[0]
        sql.execute(_LINK, (*ids, gateway_id, step_id))
        notice = (f"{_FLOW}.community_notice", "TIMER", *ids, "SCHEDULED", None, at, case_id)
        notice_id = sql.execute(_NEW_STEP, notice).fetchone()[0]
        sql.execute(_LINK, (*ids, notice_id, gateway_id))


def _raw_log(sql: Any, ids: tuple[int, int, int], actor: Any, case_id: int, step_id: int) -> Any:
    from audit.chain import Entry, digest
    from audit.record import _APPEND, _LOCK_HEAD

    sql.execute(_LOCK_HEAD, (*ids, "0" * 64))
    seq, prev_hash, at = sql.fetchone()
    entry = Entry(
        tenant_id=ids[0],
        seq=seq + 1,
        at=at,
        verb="step.decided",
        case_id=case_id,
        step_id=step_id,
        step="community_review",
        actor_id=actor.user_id,
        actor_name=actor.name,
        post="community_secretary",
        changes={"outcome": [None, "agreed"]},
        request_id="",
    )
    row = {
        **vars(entry),
        "changes": json.dumps(entry.changes),
        "street_id": ids[1],
        "district_id": ids[2],
    }
    sql.execute(_APPEND, {**row, "prev_hash": prev_hash, "hash": digest(prev_hash, entry)})
    return at


if __name__ == "__main__":
    main()
