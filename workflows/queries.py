"""Reads: inboxes, the history of a case. Nothing here changes anything.

Every function is called inside a scope; a street's scope reads its communities' rows as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from registry.models import Award, Member, Standing
from tenants.actors import Actor
from tenants.models import Tenant
from tenants.scope import active_scope
from workflows.models import Decision, Process, Task

OPEN = ("NEW", "ASSIGNED")
PAGE = 50


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins: after this row, in the list's own order."""

    at: datetime
    id: int


def todo(actor: Actor, post_tenant_id: int) -> QuerySet[Any]:
    """Return the open steps that wait for the actor's posts at one tenant, or for the actor in person.

    Oldest first. A street's steps in its communities' cases are found in the street's scope.
    """
    roles = actor.roles_at(post_tenant_id)
    mine = Q(post_tenant_id=post_tenant_id, post_role__in=sorted(roles)) | Q(offered_to_id=actor.user_id)
    steps: QuerySet[Any] = Task.objects.filter(mine, status__in=OPEN)
    unclaimed_by_others = Q(owner_id=None) | Q(owner_id=actor.user_id)
    return steps.filter(unclaimed_by_others).select_related("process").order_by("created", "id")


def waiting() -> QuerySet[Any]:
    """Return the open steps of the whole scope, oldest first: what those who watch over many tenants read."""
    steps: QuerySet[Any] = Task.objects.filter(status__in=OPEN)
    return steps.select_related("process").order_by("created", "id")


def done(actor: Actor) -> QuerySet[Any]:
    """Return the decisions that the actor took, newest first."""
    decisions: QuerySet[Any] = Decision.objects.filter(actor_id=actor.user_id)
    return decisions.select_related("process", "task").order_by("-decided_at", "-id")


def started(actor: Actor) -> QuerySet[Any]:
    """Return the cases that the actor started, newest first."""
    cases: QuerySet[Any] = Process.objects.filter(applicant_id=actor.user_id)
    return cases.order_by("-created", "-id")


def after(rows: QuerySet[Any], field_name: str, cursor: Cursor | None) -> QuerySet[Any]:
    """Return the rows that follow the cursor in ascending order of `field_name` and id."""
    if cursor is None:
        return rows
    return rows.filter(
        Q(**{f"{field_name}__gt": cursor.at}) | Q(**{field_name: cursor.at, "id__gt": cursor.id})
    )


def before(rows: QuerySet[Any], field_name: str, cursor: Cursor | None) -> QuerySet[Any]:
    """Return the rows that follow the cursor in descending order of `field_name` and id."""
    if cursor is None:
        return rows
    return rows.filter(
        Q(**{f"{field_name}__lt": cursor.at}) | Q(**{field_name: cursor.at, "id__lt": cursor.id})
    )


def with_place(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Add `place_slug` and `place_name`, the tenant of each row, in the same statement."""
    scope = active_scope()
    # In a tenant's own scope there is one place, looked up once; a reader's rows each have their own.
    place = Tenant.objects.filter(pk=scope.tenant_id if scope.writes else OuterRef("tenant_id"))
    annotated: QuerySet[Any] = rows.annotate(
        place_slug=Subquery(place.values("slug")[:1]), place_name=Subquery(place.values("name")[:1])
    )
    return annotated


def count_up_to(limit: int, *lists: QuerySet[Any]) -> list[int]:
    """Return how long each list is, counting no further than `limit`, in one statement."""
    columns: list[str] = []
    values: list[Any] = []
    for rows in lists:
        sql, params = rows.order_by().values("id")[:limit].query.sql_with_params()
        columns.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608  # Django wrote the statement
        values.extend(params)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", values)  # Django wrote each part
        return list(cursor.fetchone() or ())


@dataclass(frozen=True)
class Entry:
    """One line of a case's timeline: a decision, a notice, or a step that is still open."""

    step_id: int
    title: Any
    state: str
    """done, open or waiting; closed for a step that was given up."""
    at: datetime
    actor_name: str = ""
    post_role: str = ""
    outcome: str = ""
    comment: str = ""
    content: dict[str, Any] = field(default_factory=dict)
    form: Any = None


def timeline(case: Process) -> Sequence[Entry]:
    """Return what happened in a case, in order, and what it waits for."""
    decisions = {decision.task_id: decision for decision in Decision.objects.filter(process=case)}
    steps = Task.objects.filter(process=case, flow_task_type__in=["HUMAN_START", "HUMAN", "TIMER"])
    return [_entry(step, decisions.get(step.pk)) for step in steps.order_by("id")]


def _entry(step: Task, decision: Decision | None) -> Entry:
    node = step.flow_task
    if decision is not None:
        return Entry(
            step_id=step.pk,
            title=node.task_title,
            state="done",
            at=decision.decided_at,
            actor_name=decision.actor_name,
            post_role=decision.post_role,
            outcome=decision.outcome,
            comment=decision.comment,
            content=decision.data,
            form=getattr(node, "form", None),
        )
    states = {"SCHEDULED": "waiting", "DONE": "done", "CANCELED": "closed"}
    return Entry(
        step_id=step.pk,
        title=node.task_title,
        state=states.get(step.status, "open"),
        at=step.finished or step.created,
        actor_name=step.owner_name,
        post_role=step.post_role,
        content=step.data,
    )


def open_steps(case: Process) -> list[Task]:
    """Return the steps of a case that wait for a person."""
    steps = list(Task.objects.filter(process=case, status__in=OPEN).order_by("id"))
    for step in steps:
        step.process = case
    return steps


def case_of_step(step_id: int) -> int | None:
    """Return the id of the case that a step belongs to, or None if there is no such step."""
    case_id: int | None = Task.objects.filter(pk=step_id).values_list("process_id", flat=True).first()
    return case_id


def step_states(case: Process) -> dict[str, str]:
    """Return the state of each step that the case has been in, by node name; the latest round counts."""
    rows = Task.objects.filter(process=case).order_by("id")
    return {step.flow_task.name: step.status for step in rows}


def latest_steps(case: Process) -> dict[str, Task]:
    """Return the latest step of each node that the case has been in, by node name."""
    rows = Task.objects.filter(process=case).order_by("id")
    return {step.flow_task.name: step for step in rows}


def latest_decisions(case: Process) -> dict[str, Decision]:
    """Return the latest decision in each of the case's steps, by node name."""
    rows = Decision.objects.filter(process=case).select_related("task").order_by("id")
    return {decision.task.flow_task.name: decision for decision in rows}


def with_current_step(cases: QuerySet[Any]) -> QuerySet[Any]:
    """Add `current_step`, the node in which each open case waits, in the same statement."""
    waiting = Task.objects.filter(process=OuterRef("pk"), finished__isnull=True).order_by("-id")
    annotated: QuerySet[Any] = cases.annotate(current_step=Subquery(waiting.values("flow_task")[:1]))
    return annotated


def subject_of(case: Process) -> Member | None:
    """Return the member that a case is about."""
    member: Member | None = Member.objects.filter(pk=case.subject_id).first()
    return member


def award_of(case: Process) -> Award | None:
    """Return the award that a case ended in."""
    award: Award | None = Award.objects.filter(case_id=case.pk).first()
    return award


def members(name: str = "") -> QuerySet[Any]:
    """Return the members whose name contains `name`, by name."""
    rows: QuerySet[Any] = Member.objects.filter(name__contains=name) if name else Member.objects.all()
    return rows.order_by("name", "id")


def members_after(rows: QuerySet[Any], member_id: int | None) -> QuerySet[Any]:
    """Return the members that follow this one in the order of `members`."""
    if member_id is None:
        return rows
    last = Subquery(Member.objects.filter(pk=member_id).values("name")[:1])
    return rows.filter(Q(name__gt=last) | Q(name=last, id__gt=member_id))


def own_full_members() -> QuerySet[Any]:
    """Return the full members whose formal affiliation is with this community, by name."""
    return members().filter(standing=Standing.FULL, home_organisation="")
