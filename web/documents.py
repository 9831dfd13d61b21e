"""What can be printed of a case: the nomination form, its notices, the certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from registry.models import AwardKind
from web.edge import TenantHttpRequest, tenant_page
from workflows import permissions, queries
from workflows.engine.chart import states_of_round
from workflows.errors import NotFound
from workflows.models import Outcome, Process, Task


@dataclass(frozen=True)
class Document:
    code: str
    title: Any


def available_documents(case: Process, steps: Mapping[str, Task]) -> list[Document]:
    """Return what can be printed of the case by now: what its present round has reached."""
    states = states_of_round(case.flow_class, steps)
    return [
        Document(code, title)
        for code, title, step in case.flow_class.documents
        if not step or (states.get(step) == "DONE" and not _was_refused(case, step))
    ]


def _was_refused(case: Process, step: str) -> bool:
    return bool(case.data.get(step, {}).get("outcome") == Outcome.DISAGREED)


@require_safe
@tenant_page()
def print_document(request: TenantHttpRequest, case_id: int, code: str) -> HttpResponse:
    """Show a document as it is printed on A4."""
    case = permissions.get_case(request.actor, request.tenant, case_id)
    steps = queries.latest_steps(case)
    document = next((found for found in available_documents(case, steps) if found.code == code), None)
    if document is None:
        raise NotFound
    return render(request, f"print/{code}.html", _context(case, steps, document))


def _context(case: Process, steps: Mapping[str, Task], document: Document) -> dict[str, Any]:
    member = queries.subject_of(case)
    notice = steps.get(document.code.replace("-", "_"))
    return {
        "case": case,
        "document": document,
        "member": member,
        "masked_name": masked(member.name) if member else "",
        "kind": AwardKind.OUTSTANDING_MEMBER.label,
        "year": case.created.year,
        "data": {name: _with_dates(content) for name, content in case.data.items()},
        "decisions": queries.latest_decisions(case),
        "notice": _with_dates(notice.data) if notice else {},
        "award": queries.award_of(case),
        "today": timezone.localdate(),
    }


def masked(name: str) -> str:
    """Return a name as a public notice shows it: the family name, the rest as asterisks."""
    return name[:1] + "*" * (len(name) - 1)


def _with_dates(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with its ISO dates as dates, for the page to write in the reader's way."""
    return {name: _date_or_same(value) for name, value in content.items()}


def _date_or_same(value: Any) -> Any:
    if isinstance(value, str) and len(value) == len("2026-01-01"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value
