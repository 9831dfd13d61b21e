"""Pages of long lists: each begins after the last row of the one before."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from workflows.errors import NotFound
from workflows.queries import Cursor


def cursor_from(request: HttpRequest) -> Cursor | None:
    """Return where the page that the address asks for begins; raise NotFound for a spoilt address."""
    text = request.GET.get("after", "")
    if not text:
        return None
    moment, _, row_id = text.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        cursor = Cursor(at, int(row_id))
    except ValueError as error:
        raise NotFound from error
    if at.tzinfo is None:
        raise NotFound
    return cursor


def cursor_text(at: datetime, row_id: int) -> str:
    """Return what `cursor_from` reads."""
    return f"{at.isoformat()}_{row_id}"
