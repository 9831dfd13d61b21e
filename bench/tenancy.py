"""What row-level security costs, and what 119,437 communities cost, in the application's own statements.

The reference for row-level security is the same statement, with its tenant predicate, on the same tables as a
superuser, whom no policy binds; the two take turns. The reference for size is the demo street alone: a copy
of the database is made before it grows, and the same page's statements run on both in turns. Times are the
server's, planning and execution, for what the client adds would flatter every ratio.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from bench.approvals import _cases
from bench.place import prepare

COMMUNITIES = 119_437
STEPS = 1_000_000
READ_COMMUNITIES = 5_200
"""The communities of the one district whose reader is measured: 400 streets of 13."""
READ_STEPS = 600_000
COUNTED = 50_000
IMPORTED = 10_000
WARM_UP = 30
RUNS = 500
SMALL = "lianxi_small"

BUDGETS: dict[str, float] = {
    "member_inbox_ratio": 1.25,
    "member_inbox_extra_ms": 0.05,
    "reader_5000_inbox_ms": 1,
    "reader_5000_inbox_buffers": 100,
    "reader_5000_cases_ms": 1,
    "reader_5000_cases_buffers": 100,
    "count_50000_ms": 25,
    "page_growth_ratio": 1.3,
    "page_growth_client_ratio": 1.3,
    "page_statements": 6,
    "page_buffers": 100,
    "page_seq_scans": 0,
}


@dataclass(frozen=True)
class Reach:
    """Where the grown world is measured: the read district, a street in it and a busy community there."""

    district_id: int
    street_id: int
    tenant_id: int


def main() -> None:
    place = prepare()
    _cases(place, 0)
    page = _page("wangfang", "shicheng", "todo")
    _copy()
    figures: dict[str, float] = {"grow_s": _grow()}
    reach = _reach()
    figures |= _member(reach)
    figures |= _reader(reach)
    figures |= _growth(page)
    figures |= _pages(page, reach)
    figures |= _imports()
    _print(figures)


def _grow() -> float:
    from demo.grow import Size, grow

    began = time.perf_counter()
    read = Size(READ_COMMUNITIES, READ_STEPS, streets_per_district=400, open_percent=70, members_per_case=1)
    grow(read, say=_quietly)
    grow(Size(COMMUNITIES - READ_COMMUNITIES, STEPS - READ_STEPS, members_per_case=1), say=_quietly)
    return round(time.perf_counter() - began, 1)


def _quietly(line: str) -> None:
    print(f"   {line}", flush=True)


# What is measured


def _member(reach: Reach) -> dict[str, float]:
    """Measure the inbox of a secretary, every step with its case, with and without row-level security."""
    from tenants.models import Tenant
    from tenants.scope import tenant_scope
    from workflows import queries

    actor = _actor(f"secretary-{reach.tenant_id}")
    tenant = Tenant.objects.get(pk=reach.tenant_id)
    sql, settings = _statement(tenant_scope(tenant), lambda: queries.todo(actor, tenant.pk)[: queries.PAGE])
    with _connection() as bound, _connection(superuser=True) as free:
        bound.execute(settings)
        with_rls, without = _in_turns(lambda: _server_ms(bound, sql), lambda: _server_ms(free, sql))
        client_ms, client_free = _in_turns(_clocked(_fetch, bound, sql), _clocked(_fetch, free, sql))
        buffers = _buffers(bound, sql), _buffers(free, sql)
    return {
        "member_inbox_ms": with_rls,
        "member_inbox_ratio": round(with_rls / without, 3),
        "member_inbox_extra_ms": round(with_rls - without, 4),
        "member_inbox_client_ms": client_ms,
        "member_inbox_client_ratio": round(client_ms / client_free, 3),
        "member_inbox_buffers": buffers[0],
        "member_inbox_buffers_without_rls": buffers[1],
    }


def _reader(reach: Reach) -> dict[str, float]:
    """Measure what a district's reader sees: the oldest open steps, the same with their cases, the count."""
    from tenants.scope import district_scope
    from workflows import queries

    scope = district_scope
    steps, settings = _statement(
        scope(reach.district_id), lambda: queries.waiting().select_related(None)[: queries.PAGE]
    )
    cases, _ = _statement(scope(reach.district_id), lambda: queries.waiting()[: queries.PAGE])
    count, _ = _statement(scope(reach.district_id), lambda: queries.count_up_to(COUNTED, queries.waiting()))
    with _connection() as bound, _connection(superuser=True) as free:
        bound.execute(settings)
        assert _fetch(bound, count) == [(COUNTED,)]
        steps_ms, steps_free = _in_turns(lambda: _server_ms(bound, steps), lambda: _server_ms(free, steps))
        cases_ms, _ = _in_turns(lambda: _server_ms(bound, cases), lambda: _server_ms(free, cases))
        count_ms, count_free = _in_turns(
            lambda: _server_ms(bound, count), lambda: _server_ms(free, count), runs=40
        )
        return {
            "reader_5000_inbox_ms": steps_ms,
            "reader_5000_inbox_ratio": round(steps_ms / steps_free, 3),
            "reader_5000_inbox_buffers": _buffers(bound, steps),
            "reader_5000_cases_ms": cases_ms,
            "reader_5000_cases_buffers": _buffers(bound, cases),
            "count_50000_ms": count_ms,
            "count_50000_ratio": round(count_ms / count_free, 3),
        }


def _growth(page: Sequence[str]) -> dict[str, float]:
    """Run the statements of one community's inbox page in the grown database and in its small copy."""
    with _connection() as large, _connection(SMALL) as small:
        waited, waited_before = _in_turns(_clocked(_replay, large, page), _clocked(_replay, small, page))
        grown, before = _in_turns(lambda: _page_ms(large, page), lambda: _page_ms(small, page), runs=200)
        return {
            "page_ms": grown,
            "page_of_3_ms": before,
            "page_growth_ratio": round(grown / before, 3),
            "page_client_ms": waited,
            "page_growth_client_ratio": round(waited / waited_before, 3),
            "page_statements": sum(_reads(sql) for sql in page),
            "page_buffers": sum(cost for cost, _ in _plans(large, page)),
            "page_buffers_of_3": sum(cost for cost, _ in _plans(small, page)),
        }


def _pages(page: Sequence[str], reach: Reach) -> dict[str, float]:
    """Count the scans of whole tenant tables in every inbox page, whoever opens it."""
    from tenants.models import Tenant

    slugs = dict(Tenant.objects.filter(pk__in=vars(reach).values()).values_list("id", "slug"))
    readers = (("secretary", reach.tenant_id), ("officer", reach.street_id), ("reviewer", reach.district_id))
    found, most = 0, 0
    with _connection() as large:
        for role, tenant_id in readers:
            for tab in ("todo", "done", "mine"):
                statements = _page(f"{role}-{tenant_id}", slugs[tenant_id], tab)
                plans = _plans(large, statements)
                scanned = [table for _, tables in plans for table in tables]
                if scanned:
                    print(f"   {role}'s page {tab} reads all of {', '.join(scanned)}")
                buffers = sum(cost for cost, _ in plans)
                print(f"   {role:<9} {tab:<4} {len(plans)} statements, {buffers} buffers")
                found, most = found + len(scanned), max(most, len(plans))
    return {"page_seq_scans": found, "most_page_statements": most}


def _imports() -> dict[str, float]:
    """Create streets of 10,000 communities from CSV files in the grown database, from the open file on."""
    return {
        "import_10000_s": _import("plain", ""),
        "import_10000_staffed_s": _import("staffed", "{0}-sj,赵{0}"),
    }


def _import(street: str, secretary: str) -> float:
    from tenants.administration.create_street import create_street

    lines = ["级别,名称,地址标识,上级,书记用户名,书记姓名", f"街道,{street}街道,{street},dongcheng,,"]
    for number in range(IMPORTED):
        slug = f"{street}-{number:05d}"
        lines.append(f"社区,{street}第{number}社区,{slug},{street},{secretary.format(slug) or ','}")
    began = time.perf_counter()
    report = create_street(BytesIO("\n".join(lines).encode()), actor=None)
    seconds = round(time.perf_counter() - began, 2)
    assert report.tenants == IMPORTED + 1, report.problems[:3]
    return seconds


# The application's statements


def _actor(username: str) -> Any:
    from tenants.actors import actor_for
    from tenants.models import User

    return actor_for(User.objects.get(username=username))


def _statement(scope: AbstractContextManager[Any], read: Callable[[], Any]) -> tuple[str, str]:
    """Return the statement that `read` makes in the scope, and the settings of the scope's transaction."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tenants.scope import _settings

    with scope as active, CaptureQueriesContext(connection) as captured:
        list(read())
    (sql,) = [query["sql"] for query in captured.captured_queries if _reads(query["sql"])]
    return sql, _settings(active)


def _page(username: str, slug: str, tab: str) -> list[str]:
    """Return the statements of an inbox page, its transactions and settings included."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from tenants.models import User

    client = Client()
    client.force_login(User.objects.get(username=username))
    with CaptureQueriesContext(connection) as captured:
        response = client.get(reverse(tab, args=[slug]))
    assert response.status_code == 200, response.status_code
    return [query["sql"] for query in captured.captured_queries]


def _reads(sql: str) -> bool:
    return sql.startswith("SELECT")


def _reach() -> Reach:
    """Find the read district, and in it a community whose secretary has a page of open steps."""
    with _connection(superuser=True) as admin:
        row = admin.execute(
            "SELECT district_id, street_id, tenant_id FROM workflows_task"
            " WHERE status IN ('NEW', 'ASSIGNED') AND post_role = 'community_secretary' AND district_id ="
            " (SELECT district_id FROM tenants_tenant GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)"
            " GROUP BY 1, 2, 3 HAVING count(*) >= 60 ORDER BY count(*), 3 LIMIT 1"
        ).fetchone()
    assert row is not None
    return Reach(*row)


# Connections, turns and plans


@contextmanager
def _connection(database: str = "", *, superuser: bool = False) -> Any:
    """Connect as the application does, or as a superuser; in one transaction, statements never prepared."""
    from django.conf import settings
    from django.db import connection

    name = database or connection.settings_dict["NAME"]
    if superuser:
        conninfo = make_conninfo(settings.ADMIN_CONNINFO, dbname=name)
    else:
        kept = {"HOST": "host", "PORT": "port", "USER": "user", "PASSWORD": "password"}
        given = {ours: connection.settings_dict[theirs] for theirs, ours in kept.items()}
        conninfo = make_conninfo("", dbname=name, **{key: value for key, value in given.items() if value})
    with psycopg.connect(conninfo, cursor_factory=psycopg.ClientCursor, prepare_threshold=None) as opened:
        yield opened
        opened.rollback()


def _copy() -> None:
    """Copy the database as it is: the street alone, its cases and its people's sessions."""
    from django.conf import settings
    from django.db import connection

    name = connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(make_conninfo(settings.ADMIN_CONNINFO, dbname=name), autocommit=True) as admin:
        admin.execute("VACUUM (ANALYZE)")
    with psycopg.connect(settings.ADMIN_CONNINFO, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE {SMALL} TEMPLATE "{name}"')


def _fetch(connection: Any, sql: str) -> list[Any]:
    rows: list[Any] = connection.execute(sql).fetchall()
    return rows


def _replay(connection: Any, statements: Sequence[str]) -> None:
    for sql in statements:
        cursor = connection.execute(sql)
        if cursor.description:
            cursor.fetchall()


def _clocked(act: Callable[..., Any], *arguments: Any) -> Callable[[], float]:
    """Return what does `act` and tells how many milliseconds the client waited for it."""

    def clocked() -> float:
        began = time.perf_counter()
        act(*arguments)
        return (time.perf_counter() - began) * 1000

    return clocked


def _server_ms(connection: Any, sql: str) -> float:
    explained = connection.execute(
        f"EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF, FORMAT JSON) {sql}"
    ).fetchone()
    return float(explained[0][0]["Planning Time"] + explained[0][0]["Execution Time"])


def _page_ms(connection: Any, statements: Sequence[str]) -> float:
    total = 0.0
    for sql in statements:
        if _reads(sql):
            total += _server_ms(connection, sql)
        else:
            connection.execute(sql)
    return total


def _in_turns(one: Callable[[], float], other: Callable[[], float], runs: int = RUNS) -> tuple[float, float]:
    """Return the median of what each tells; they take turns, and turns at being first."""
    told: tuple[list[float], list[float]] = ([], [])
    acts = (one, other)
    for number in range(-WARM_UP, runs):
        for which in (0, 1) if number % 2 else (1, 0):
            milliseconds = acts[which]()
            if number >= 0:
                told[which].append(milliseconds)
    return round(statistics.median(told[0]), 4), round(statistics.median(told[1]), 4)


def _buffers(connection: Any, sql: str) -> int:
    return _cost(_plan(connection, sql))


def _plan(connection: Any, sql: str) -> dict[str, Any]:
    explained = connection.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}").fetchone()
    plan: dict[str, Any] = explained[0][0]["Plan"]
    return plan


def _cost(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def _plans(connection: Any, statements: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Return the buffers of each SELECT, and the tenant tables that it reads from end to end."""
    connection.rollback()
    forced = "SELECT relname FROM pg_class WHERE relforcerowsecurity AND relkind = 'r'"
    tenant_tables = {name for (name,) in connection.execute(forced)}
    connection.rollback()
    found = []
    for sql in statements:
        if not _reads(sql):
            connection.execute(sql)
            continue
        plan = _plan(connection, sql)
        found.append((_cost(plan), [table for table in _scanned(plan) if table in tenant_tables]))
    connection.rollback()
    return found


def _scanned(plan: dict[str, Any]) -> list[str]:
    own = [plan["Relation Name"]] if plan["Node Type"] == "Seq Scan" else []
    return own + [table for part in plan.get("Plans", []) for table in _scanned(part)]


def _print(figures: dict[str, float]) -> None:
    for name, value in figures.items():
        budget = BUDGETS.get(name)
        verdict = "" if budget is None else "within" if value <= budget else "OVER"
        print(f"{name:<34}{value:>12}{'' if budget is None else budget:>10}  {verdict}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
