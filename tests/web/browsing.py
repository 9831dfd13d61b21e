"""People of the cast at their browsers, without a browser: Django's client and what it needs."""

from __future__ import annotations

from html.parser import HTMLParser

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tenants.models import User

NOT_STATEMENTS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
BEFORE_THE_PAGE = ("django_session", "tenants_user")


def browser_of(user: User) -> Client:
    """Return a client in which the person has signed in."""
    client = Client()
    client.force_login(user)
    return client


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(" ".join(data.split()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            value for name, value in attrs if name in ("aria-label", "placeholder", "title") and value
        ]


def words_of(response: HttpResponse) -> list[str]:
    """Return every piece of text that a person can see or hear on the page."""
    parser = _Words()
    parser.feed(text_of(response))
    return [words for words in parser.found if words]


class Statements(CaptureQueriesContext):
    """Count a page's statements, without those of the session, the user and transactions."""

    def __init__(self) -> None:
        super().__init__(connection)

    @property
    def counted(self) -> list[str]:
        return [
            query["sql"]
            for query in self.captured_queries
            if not query["sql"].startswith(NOT_STATEMENTS)
            and not any(table in query["sql"] for table in BEFORE_THE_PAGE)
        ]
