"""The inbox: what waits for me, what I have done, what I started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tenants.models import Level
from web.edge import TenantHttpRequest, inbox_scope, tenant_page
from web.paging import cursor_from, cursor_text
from workflows import queries
from workflows.models import Decision, Outcome, Process, Task

COUNTED = 100
"""Counts stop here: an inbox says "99+"."""

UNSHOWN = ("data", "parameters")


@dataclass(frozen=True)
class Row:
    """One line of a list; the whole of it leads to `address`."""

    address: str
    title: str
    flow: Any
    number: str
    applicant: str
    place: str
    step: Any
    since: str
    state: str
    note: str = ""


@dataclass(frozen=True)
class Tab:
    name: str
    title: Any
    count: int
    is_current: bool

    @property
    def shown(self) -> str:
        return f"{COUNTED - 1}+" if self.count >= COUNTED else str(self.count)


TITLES = {
    "todo": gettext_lazy("To do"),
    "done": gettext_lazy("Done"),
    "mine": gettext_lazy("Started by me"),
}


@require_safe
@tenant_page(inbox_scope)
def todo(request: TenantHttpRequest) -> HttpResponse:
    """List the open steps that the person may act in, the longest waiting first."""
    steps = queries.after(_todo(request), "created", cursor_from(request))
    return _inbox(request, "todo", steps.defer(*_unshown("process__")), _todo_row, "created")


@require_safe
@tenant_page(inbox_scope)
def done(request: TenantHttpRequest) -> HttpResponse:
    """List what the person decided, newest first."""
    decisions = queries.before(queries.done(request.actor), "decided_at", cursor_from(request))
    return _inbox(request, "done", decisions.defer(*_unshown("process__")), _done_row, "decided_at")


@require_safe
@tenant_page(inbox_scope)
def mine(request: TenantHttpRequest) -> HttpResponse:
    """List the cases that the person started, newest first."""
    cases = queries.before(_mine(request), "created", cursor_from(request))
    cases = queries.with_current_step(cases)
    return _inbox(request, "mine", cases.defer(*_unshown("")), _mine_row, "created")


def _unshown(path: str) -> list[str]:
    return [path + name for name in UNSHOWN]


def _todo(request: TenantHttpRequest) -> QuerySet[Any]:
    return queries.todo(request.actor, request.tenant.pk)


def _mine(request: TenantHttpRequest) -> QuerySet[Any]:
    # A street's scope reads its communities as well; what I started there belongs to their inboxes.
    return queries.started(request.actor).filter(tenant_id=request.tenant.pk)


def _inbox(
    request: TenantHttpRequest, tab: str, rows: QuerySet[Any], make_row: Callable[[Any], Row], order: str
) -> HttpResponse:
    found = list(queries.with_place(rows)[: queries.PAGE + 1])
    shown = found[: queries.PAGE]
    more = cursor_text(getattr(shown[-1], order), shown[-1].pk) if len(found) > len(shown) else ""
    counts = queries.count_up_to(COUNTED, _todo(request), queries.done(request.actor), _mine(request))
    context = {
        "section": "inbox",
        "tabs": [
            Tab(name, title, count, name == tab)
            for (name, title), count in zip(TITLES.items(), counts, strict=True)
        ],
        "tab": tab,
        "title": TITLES[tab],
        "rows": [make_row(row) for row in shown],
        "more": more,
        "shows_place": request.tenant.level != Level.COMMUNITY,
    }
    return render(request, "inbox.html", context)


def _row(row: Any, case: Process, step: Any, since: str, state: str, note: str = "") -> Row:
    return Row(
        address=reverse("case", args=[row.place_slug, case.pk]),
        title=case.title,
        flow=case.flow_class.title,
        number=case.number,
        applicant=case.applicant_name,
        place=row.place_name,
        step=step,
        since=since,
        state=state,
        note=note,
    )


def _todo_row(step: Task) -> Row:
    waiting = _("waiting for %(time)s") % {"time": _in_words(step.created)}
    note = _("claimed by you") if step.owner_id else ""
    return _row(step, step.process, step.flow_task.task_title, waiting, "open", note)


def _done_row(decision: Decision) -> Row:
    ago = _("%(time)s ago") % {"time": _in_words(decision.decided_at)}
    outcome = Outcome(decision.outcome)
    return _row(
        decision, decision.process, decision.task.flow_task.task_title, ago, outcome.value, str(outcome.label)
    )


def _mine_row(case: Any) -> Row:
    started = _("started %(time)s ago") % {"time": _in_words(case.created)}
    step = case.current_step.task_title if case.current_step else ""
    state = "open" if case.is_open else case.outcome
    note = str(_("In progress") if case.is_open else Outcome(case.outcome).label)
    return _row(case, case, step, started, state, note)


def _in_words(moment: datetime) -> str:
    return timesince(moment, timezone.now(), depth=1)
