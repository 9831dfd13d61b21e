"""Starting a case."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from web.cases import SeeOther
from web.edge import Problems, TenantHttpRequest, tenant_action, tenant_page
from web.forms import prepared, problems_of
from workflows.actions.start import new_case, start, starting_post
from workflows.engine.flow import CaseFlow
from workflows.errors import NotAllowed, NotFound
from workflows.flows import FLOWS


@require_safe
@tenant_page()
def choose(request: TenantHttpRequest) -> HttpResponse:
    """List the kinds of cases, and say which of them the person may start."""
    flows = [(flow, _refusal(flow, request)) for flow in FLOWS.values()]
    return render(request, "start.html", {"section": "start", "flows": flows})


def _begin_again(request: TenantHttpRequest, problems: Problems, code: str) -> HttpResponse:
    return _form_page(request, _flow(code), request.POST)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_action(_begin_again)
def begin(request: TenantHttpRequest, code: str) -> HttpResponse:
    """Ask for what the first step needs, and start the case."""
    flow = _flow(code)
    if request.method != "POST":
        starting_post(flow, request.actor)
        return _form_page(request, flow)
    case = start(flow, actor=request.actor, data=request.POST)
    said = _("The case was started.")
    messages.success(request, f"{case.title} ({case.number})\n{said}")
    return SeeOther(reverse("case", args=[request.tenant.slug, case.pk]))


def _flow(code: str) -> type[CaseFlow]:
    if code not in FLOWS:
        raise NotFound
    return FLOWS[code]


def _refusal(flow: type[CaseFlow], request: TenantHttpRequest) -> str:
    try:
        starting_post(flow, request.actor)
    except NotAllowed as refused:
        return refused.message
    return ""


def _form_page(request: TenantHttpRequest, flow: type[CaseFlow], data: Any = None) -> HttpResponse:
    node = flow.instance.node("start")
    form = prepared(node.form(data, case=new_case(flow, request.actor), today=timezone.localdate()))
    context = {
        "section": "start",
        "flow": flow,
        "step_title": node.task_title,
        "form": form,
        "problems": problems_of(form) if data is not None else [],
    }
    return render(request, "begin.html", context)
