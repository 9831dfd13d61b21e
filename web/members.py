"""The community's list of members, and importing one."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from registry.roster import IMPORTING_ROLES, import_roster
from registry.roster_report import Report
from registry.roster_template import write_template
from web.cases import SeeOther
from web.edge import TenantHttpRequest, tenant_page
from web.forms import ImportForm, problems_of
from workflows import queries
from workflows.errors import NotAllowed, NotFound

SHOWN_PROBLEMS = 200
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@tenant_page()
def members(request: TenantHttpRequest) -> HttpResponse:
    """List the members; of the identity number only the mask is kept."""
    _require_own_post(request)
    name = request.GET.get("name", "").strip()
    rows = queries.members(name)
    found = list(queries.members_after(rows, _after(request))[: queries.PAGE + 1])
    shown = found[: queries.PAGE]
    context = {
        "section": "members",
        "members": shown,
        "count": rows.count(),
        "name": name,
        "more": shown[-1].pk if len(found) > len(shown) else "",
    }
    return render(request, "members.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@tenant_page()
def import_members(request: TenantHttpRequest) -> HttpResponse:
    """Read a member list from a spreadsheet; write nothing while a row is wrong, unless told to skip it."""
    _require_own_post(request)
    if request.method != "POST":
        return _import_page(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _import_page(request, form, status=422)
    skip_bad = form.cleaned_data["skip_bad"]
    report = import_roster(form.cleaned_data["file"], actor=request.actor, skip_bad=skip_bad)
    if report.written:
        messages.success(request, _imported(report.imported))
    if report.problems:
        again = ImportForm(initial={"skip_bad": skip_bad})
        return _import_page(request, again, report, status=200 if report.written else 422)
    return SeeOther(reverse("members", args=[request.tenant.slug]))


@require_safe
@tenant_page()
def empty_list(request: TenantHttpRequest) -> HttpResponse:
    """Give out an empty member list to fill in."""
    _require_own_post(request)
    workbook = BytesIO()
    write_template(workbook)
    attachment = {"Content-Disposition": 'attachment; filename="member-list.xlsx"'}
    return HttpResponse(workbook.getvalue(), content_type=WORKBOOK, headers=attachment)


def _require_own_post(request: TenantHttpRequest) -> None:
    if not request.actor.roles_at(request.tenant.pk) & set(IMPORTING_ROLES):
        raise NotAllowed(_("The list of members is open to the clerk and the secretary of this community."))


def _after(request: TenantHttpRequest) -> int | None:
    text = request.GET.get("after", "")
    if not text:
        return None
    if not text.isdecimal():
        raise NotFound
    return int(text)


def _imported(count: int) -> str:
    return ngettext("%(count)s member was imported.", "%(count)s members were imported.", count) % {
        "count": count
    }


def _import_page(
    request: TenantHttpRequest, form: ImportForm, report: Report | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "section": "members",
        "form": form,
        "problems": problems_of(form),
        "report": report,
        "shown_problems": report.problems[:SHOWN_PROBLEMS] if report else [],
        "hidden_problems": max(0, len(report.problems) - SHOWN_PROBLEMS) if report else 0,
        "bad_rows": len({problem.row for problem in report.problems}) if report else 0,
    }
    return render(request, "import.html", context, status=status)
