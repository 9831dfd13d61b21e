"""A case: reading it, and acting in its steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from web.documents import available_documents
from web.drawing import draw
from web.edge import Problems, TenantHttpRequest, tenant_action, tenant_page
from web.panels import Attempt, panels_of
from web.reading import moments, sections
from workflows import permissions, queries
from workflows.actions.claim import claim
from workflows.actions.decide import decide
from workflows.actions.release import release
from workflows.actions.send_back import send_back
from workflows.actions.withdraw import refusal_to_withdraw, withdraw
from workflows.models import Outcome, Process


class SeeOther(HttpResponseRedirect):
    """After a POST: go and look there."""

    status_code = 303


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Take POST only; who opens the address of an action is shown the case."""

    @wraps(view)
    def action(request: HttpRequest, slug: str, case_id: int, **kwargs: int) -> HttpResponse:
        if request.method != "POST":
            return SeeOther(reverse("case", args=[slug, case_id]))
        return view(request, slug, case_id=case_id, **kwargs)

    return action


@require_safe
@tenant_page()
def show(request: TenantHttpRequest, case_id: int) -> HttpResponse:
    """Show a case, and to those who may act in it, how."""
    return _page(request, case_id)


def _decide_again(request: TenantHttpRequest, problems: Problems, case_id: int, step_id: int) -> HttpResponse:
    return _page(request, case_id, Attempt(step_id, request.POST, problems, is_decision=True))


def _send_back_again(
    request: TenantHttpRequest, problems: Problems, case_id: int, step_id: int
) -> HttpResponse:
    return _page(request, case_id, Attempt(step_id, request.POST, problems, is_decision=False))


@posted
@tenant_action(_decide_again)
def decide_step(request: TenantHttpRequest, case_id: int, step_id: int) -> HttpResponse:
    """Submit a step's form, agree or disagree."""
    step = decide(
        case_id,
        step_id,
        actor=request.actor,
        outcome=request.POST.get("outcome", ""),
        comment=request.POST.get("comment", ""),
        data=request.POST,
    )
    return _after(request, step.process, _("“%(step)s” is done.") % {"step": step.flow_task.task_title})


@posted
@tenant_action(_send_back_again)
def send_case_back(request: TenantHttpRequest, case_id: int, step_id: int) -> HttpResponse:
    """Return the case to its applicant."""
    step = send_back(case_id, step_id, actor=request.actor, comment=request.POST.get("comment", ""))
    return _after(request, step.process, _("The case went back to its applicant."))


@posted
@tenant_page()
def claim_step(request: TenantHttpRequest, case_id: int, step_id: int) -> HttpResponse:
    """Keep a step for oneself."""
    step = claim(case_id, step_id, actor=request.actor)
    return _after(request, step.process, _("You have claimed this step; your colleagues leave it to you."))


@posted
@tenant_page()
def release_step(request: TenantHttpRequest, case_id: int, step_id: int) -> HttpResponse:
    """Give a claimed step back to its post."""
    step = release(case_id, step_id, actor=request.actor)
    return _after(request, step.process, _("The step is open to your colleagues again."))


@posted
@tenant_page()
def withdraw_case(request: TenantHttpRequest, case_id: int) -> HttpResponse:
    """End a case that one has started."""
    case = withdraw(case_id, actor=request.actor, comment=request.POST.get("reason", ""))
    return _after(request, case, _("The case was withdrawn."))


def _after(request: TenantHttpRequest, case: Process, said: str) -> HttpResponse:
    """Go on to the case if there is more to do in it, to the inbox otherwise."""
    waiting = [step for step in queries.latest_steps(case).values() if step.finished is None]
    if case.is_open and waiting:
        titles = _(", ").join(str(step.flow_task.task_title) for step in waiting)
        said = _("%(said)s Next: %(steps)s.") % {"said": said, "steps": titles}
    messages.success(request, f"{case.title} ({case.number})\n{said}")
    for step in queries.open_steps(case):
        if permissions.refusal_to_act(request.actor, step) is None:
            return SeeOther(reverse("case", args=[request.tenant.slug, case.pk]))
    return SeeOther(reverse("todo", args=[request.place.slug]))


def _page(request: TenantHttpRequest, case_id: int, attempt: Attempt | None = None) -> HttpResponse:
    case = permissions.get_case(request.actor, request.tenant, case_id)
    subject, steps = queries.subject_of(case), queries.latest_steps(case)
    panels = panels_of(case, request.actor, attempt)
    refusal = refusal_to_withdraw(case, request.actor)
    context: dict[str, Any] = {
        "section": "inbox",
        "case": case,
        "outcome": Outcome(case.outcome).label if case.outcome else "",
        "panels": panels,
        "problems": [problem for panel in panels for problem in panel.problems],
        "sections": sections(case, subject, steps),
        "timeline": moments(case),
        "drawing": draw(case.flow_class, steps),
        "documents": available_documents(case, steps),
        "is_mine": case.applicant_id == request.actor.user_id,
        "refusal_to_withdraw": refusal.message if refusal else "",
    }
    return render(request, "case.html", context)
