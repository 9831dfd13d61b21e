"""How the database reads each page: no scan of a whole tenant table, and few statements.

The tables hold thousands of rows in hundreds of tenants and the planner knows it. Each statement of a page is
explained in the transaction, the role and the settings in which the page made it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from psycopg.conninfo import make_conninfo

from demo.grow import Size, grow
from tenants.distribution import tenant_tables
from tenants.models import Tenant, User
from tenants.scope import street_scope, tenant_scope
from tests.api.caller import operation, program
from tests.web.browsing import BEFORE_THE_PAGE, browser_of
from web.urls import tenant_urls
from workflows.models import Task

CONTROL = ("BEGIN", "COMMIT", "SET", "ROLLBACK", "SAVEPOINT", "RELEASE")

COMMUNITY_PAGES = {
    # page: the most statements that it may make, apart from those of the session and the user
    "inbox/todo": 6,
    "inbox/done": 6,
    "inbox/mine": 6,
    "start/": 4,
    "start/outstanding-member": 5,
    "members/": 6,
    "members/?name=王": 6,
    "members/import": 3,
    "cases/{open}": 10,
    "cases/{ended}": 10,
    "cases/{ended}/print/nomination-form": 8,
    "cases/{ended}/print/certificate": 8,
    "/places/": 3,
}
# A community with steps for its own posts, a step for its street's, and an award.
BUSY = """
SELECT t.tenant_id, t.street_id, t.district_id,
       max(t.process_id) FILTER (WHERE t.status = 'NEW' AND t.post_role = 'street_officer'),
       (SELECT max(id) FROM workflows_process c WHERE c.tenant_id = t.tenant_id AND c.outcome = 'approved')
FROM workflows_task t GROUP BY 1, 2, 3
HAVING count(*) FILTER (WHERE t.status = 'NEW' AND t.post_role = 'street_officer') > 0
   AND count(*) FILTER (WHERE t.status = 'NEW' AND t.post_role = 'community_clerk') > 0
   AND count(*) FILTER (WHERE t.status = 'NEW' AND t.post_role = 'community_secretary') > 0
ORDER BY 5 IS NULL, count(*) DESC LIMIT 1
"""

READER_PAGES = {"inbox/todo": 6, "inbox/done": 6, "inbox/mine": 6, "/places/": 3}
OPERATIONS = {"inbox": 3, "process": 8}

# Addresses of a tenant that show no page: they act, or give out the same file to everybody.
NO_PAGES = {"withdraw", "decide", "claim", "release", "send_back", "member_template"}


@dataclass(frozen=True)
class Country:
    """A busy community in a grown country, and the street and the district above it."""

    community: Tenant
    street: Tenant
    district: Tenant
    open: int
    ended: int

    def slug(self, word: str) -> str:
        return {"officer": self.street, "reviewer": self.district}.get(word, self.community).slug

    def person(self, word: str) -> User:
        tenant = {"officer": self.street, "reviewer": self.district}.get(word, self.community)
        return User.objects.get(username=f"{word}-{tenant.pk}")


@pytest.fixture
def country(database: None) -> Country:
    grow(Size(communities=390, steps=12_000, streets_per_district=5), say=lambda _: None)
    with psycopg.connect(make_conninfo(settings.ADMIN_CONNINFO, dbname=_name())) as admin:
        row = admin.execute(BUSY).fetchone()
    assert row is not None
    community, street, district, waiting, ended = row
    places = Tenant.objects.in_bulk([community, street, district])
    return Country(places[community], places[street], places[district], waiting, ended)


def _name() -> str:
    return str(connection.settings_dict["NAME"])


@pytest.mark.parametrize(
    ("word", "pages"),
    [
        ("clerk", COMMUNITY_PAGES),
        ("secretary", COMMUNITY_PAGES),
        ("officer", READER_PAGES),
        ("reviewer", READER_PAGES),
    ],
)
def test_no_page_reads_a_whole_tenant_table(country: Country, word: str, pages: dict[str, int]) -> None:
    client, figures = browser_of(country.person(word)), []
    for page, most in pages.items():
        address = page if page.startswith("/") else f"/{country.slug(word)}/{page}"
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address.format(open=country.open, ended=country.ended))
        allowed = 403 if page.startswith("start/out") and word == "secretary" else 200
        assert response.status_code == allowed, address
        figures.append(_figure(page, captured, most))
    _require_fine(figures)


def test_every_page_of_a_tenant_is_explained() -> None:
    pages = (page for page in COMMUNITY_PAGES if not page.startswith("/"))
    explained = {resolve("/x/" + page.format(open=1, ended=1).partition("?")[0]).url_name for page in pages}
    assert {pattern.name for pattern in tenant_urls} - NO_PAGES == explained


def test_an_officer_opens_a_case_of_the_street_without_reading_a_whole_table(country: Country) -> None:
    client, figures = browser_of(country.person("officer")), []
    for case in (country.open, country.ended):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/{country.community.slug}/cases/{case}").status_code == 200
        figures.append(_figure("cases/…", captured, 12))
    _require_fine(figures)


@pytest.mark.parametrize("word", ["clerk", "secretary", "officer"])
def test_no_query_of_the_api_reads_a_whole_tenant_table(country: Country, word: str) -> None:
    tenant = country.street if word == "officer" else country.community
    caller, figures = program(country.person(word), tenant), []
    asked: dict[str, dict[str, Any]] = {"inbox": {"first": 50}}
    nodes = caller.ask(operation("inbox"), first=1)["tasks"]["nodes"]
    if nodes:
        asked["process"] = {"id": nodes[0]["process"]["id"]}
    for name, variables in asked.items():
        with CaptureQueriesContext(connection) as captured:
            caller.ask(operation(name), **variables)
        figures.append(_figure(name, captured, OPERATIONS[name]))
    _require_fine(figures)


def test_a_scan_of_a_whole_table_would_be_noticed(country: Country) -> None:
    with CaptureQueriesContext(connection) as captured:
        with street_scope(country.street.pk):
            list(Task.objects.filter(owner_name="nobody"))
        with tenant_scope(country.community):
            list(Task.objects.filter(owner_name="nobody"))
    assert _figure("careless", captured, 6).scanned == ("workflows_task",)


@dataclass(frozen=True)
class Figure:
    page: str
    statements: int
    most: int
    scanned: tuple[str, ...]

    @property
    def is_fine(self) -> bool:
        return self.statements <= self.most and not self.scanned


def _require_fine(figures: list[Figure]) -> None:
    table = _table(figures)
    sys.stdout.write(f"{table}\n")  # shown with -rP
    assert all(figure.is_fine for figure in figures), table


def _table(figures: list[Figure]) -> str:
    lines = [f"{f.page:<40}{f.statements:>4} of {f.most:<4}{', '.join(f.scanned)}" for f in figures]
    return "\n".join(["page, statements, tenant tables that are read whole", *lines])


def _figure(page: str, captured: CaptureQueriesContext, most: int) -> Figure:
    statements = [query["sql"] for query in captured.captured_queries]
    own = [
        sql
        for sql in statements
        if not sql.startswith(CONTROL) and not any(table in sql for table in BEFORE_THE_PAGE)
    ]
    return Figure(page, len(own), most, tuple(_scanned(statements)))


def _scanned(statements: list[str]) -> Iterator[str]:
    """Yield the tenant tables that the statements read from end to end, in the scopes that they set up."""
    # The heads are one row a tenant, and only the few tenants with events have one here.
    tables = set(tenant_tables()) - {"audit_head"}
    parameters = {**connection.get_connection_params(), "autocommit": True}
    with psycopg.connect(**{k: v for k, v in parameters.items() if k != "context"}) as replay:
        for sql in statements:
            if sql.startswith(CONTROL):
                replay.execute(sql)
            elif any(table in sql for table in tables):
                (plan,) = replay.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchone()
                yield from (table for table in _whole(plan[0]["Plan"]) if table in tables)


def _whole(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _whole(part)
