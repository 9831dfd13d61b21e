"""Rows as the API shows them; called inside the scope in which the rows were read."""

from __future__ import annotations

from typing import Any

from django import forms

from api import ids, types
from api.credentials import Caller
from tenants.models import Tenant
from workflows import queries
from workflows.engine.inputs import MemberField, StepInput
from workflows.engine.steps import step_form
from workflows.models import Outcome, Process, Task
from workflows.permissions import refusal_to_act

LONGEST_TIMELINE = 200
MOST_OPEN_TASKS = 50

_STATES = {"DONE": "done", "CANCELED": "closed", "SCHEDULED": "waiting"}

# In order: a member is an integer too.
_FIELD_TYPES: tuple[tuple[type[forms.Field], str], ...] = (
    (MemberField, "member"),
    (forms.DateField, "date"),
    (forms.ChoiceField, "choice"),
    (forms.BooleanField, "boolean"),
    (forms.DecimalField, "decimal"),
    (forms.IntegerField, "integer"),
)


def tenant_view(tenant: Tenant) -> types.Tenant:
    return types.Tenant(slug=tenant.slug, name=tenant.name)


def task_view(step: Task, caller: Caller, tenant: Tenant, *, with_fields: bool = True) -> types.Task:
    """Show a step whose case is loaded; its form is built only `with_fields`."""
    node = step.flow_task
    return types.Task(
        id=ids.encode(ids.Kind.TASK, step.tenant_id, step.pk),
        step=node.name,
        title=str(node.task_title),
        state=_STATES.get(str(step.status), "open"),
        process=summary_view(step.process),
        tenant=tenant_view(tenant),
        created_at=step.created,
        claimed_by=step.owner_name or None,
        available_actions=_actions(step, caller),
        opinions=[] if node.outcomes == (Outcome.SUBMITTED,) else [one.value for one in node.outcomes],
        fields=form_fields(step_form(step)) if with_fields else [],
    )


def summary_view(case: Process) -> types.ProcessSummary:
    return types.ProcessSummary(
        id=ids.encode(ids.Kind.PROCESS, case.tenant_id, case.pk),
        number=case.number,
        title=case.title,
        applicant_name=case.applicant_name,
        status=str(case.status),
        outcome=str(case.outcome) or None,
    )


def process_view(case: Process, caller: Caller, tenant: Tenant) -> types.Process:
    """Show a case with its history and its open steps."""
    history = queries.timeline(case)[-LONGEST_TIMELINE:]
    waiting = queries.open_steps(case)[:MOST_OPEN_TASKS]
    return types.Process(
        id=ids.encode(ids.Kind.PROCESS, case.tenant_id, case.pk),
        number=case.number,
        title=case.title,
        flow=case.flow_class.code,
        status=str(case.status),
        outcome=str(case.outcome) or None,
        applicant_name=case.applicant_name,
        tenant=tenant_view(tenant),
        created_at=case.created,
        timeline=[_entry_view(entry) for entry in history],
        open_tasks=[task_view(step, caller, tenant) for step in waiting],
    )


def form_fields(form: StepInput) -> list[types.FormField]:
    """Describe what a form takes."""
    return [
        types.FormField(
            name=name,
            label=str(field.label or name),
            type=_field_type(field),
            required=field.required,
            choices=_choices(field),
        )
        for name, field in form.fields.items()
    ]


def _entry_view(entry: queries.Entry) -> types.TimelineEntry:
    return types.TimelineEntry(
        title=str(entry.title),
        state=entry.state,
        at=entry.at,
        actor_name=entry.actor_name or None,
        role=entry.post_role or None,
        outcome=entry.outcome or None,
        comment=entry.comment or None,
        data=entry.content,
    )


def _actions(step: Task, caller: Caller) -> list[str]:
    if not step.is_open or refusal_to_act(caller.actor, step) is not None:
        return []
    claim = "release" if step.owner_id else "claim"
    return [claim, "decide", *(["send_back"] if step.flow_task.may_send_back else [])]


def _field_type(field: forms.Field) -> str:
    return next((name for kind, name in _FIELD_TYPES if isinstance(field, kind)), "text")


def _choices(field: Any) -> list[types.Choice]:
    if not isinstance(field, forms.ChoiceField):
        return []
    offered: Any = field.choices
    return [types.Choice(value=str(value), label=str(label)) for value, label in offered if value != ""]
