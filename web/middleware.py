"""What holds for every request: its id, and a page for every refusal."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tenants.refusals import Refused
from tenants.request_id import current_request_id, named_request
from workflows.errors import NotFound


class RequestIdFilter(logging.Filter):
    """Give every log record the id of its request, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True


class RefusalMiddleware:
    """Name the request, and map the tree of refusals to pages; nothing else on the HTML edge does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with named_request() as request_id:
            response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal in words; anything else is Django's to report."""
        if isinstance(exception, NotFound | Http404):
            # One page for what is missing and what is foreign: it names neither the address nor the cause.
            return render(request, "404.html", status=404)
        if isinstance(exception, Refused):
            page = render(request, "refusal.html", _refusal(request, exception), status=exception.status)
            if request.method == "POST":
                # The address of an action is no page to come back to.
                page.headers["HX-Push-Url"] = "false"
            return page
        return None


def _refusal(request: HttpRequest, refused: Refused) -> dict[str, str]:
    place = request.resolver_match.kwargs if request.resolver_match else {}
    if "case_id" in place:
        back, back_to = reverse("case", args=[place["slug"], place["case_id"]]), _("Back to the case")
    else:
        back, back_to = reverse("home"), _("Back to my inbox")
    title, advice = _words(refused.status)
    return {"title": title, "message": refused.message, "advice": advice, "back": back, "back_to": back_to}


def _words(status: int) -> tuple[str, str]:
    """Return what happened, in a line, and what to do next."""
    if status == 403:
        return (
            _("You cannot do this"),
            _("If this is your task, ask your administrator to check which posts you hold."),
        )
    if status == 409:
        return (
            _("The case has moved on"),
            _("Open the case to see where it stands now; then decide whether anything is left to do."),
        )
    return _("This was not accepted"), _("Nothing was changed. Go back, correct it and try again.")
