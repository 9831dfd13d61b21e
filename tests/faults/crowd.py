"""Fifty users of forty-five communities and five streets, all at once, over too few connections."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, connection, connections
from django.test import RequestFactory

from registry.models import Member
from tenants.errors import ScopeMissing
from tenants.models import Level, Role, Tenant, User
from tenants.owner import as_owner
from tenants.scope import tenant_scope
from tenants.tokens import create_token
from tests.cast import appoint, make_member
from tests.web.browsing import browser_of
from workflows.flows import FLOWS
from workflows.models import Process, Task

STREETS, COMMUNITIES = 5, 9
FLOW = FLOWS["outstanding-member"]
_MARK = re.compile(r"标记(\d+)号")
QUERY = "{ tasks(first: 50) { nodes { process { title } tenant { slug } } } }"


class Midway(Exception):
    """Raised in the middle of a request, at some statement."""


@dataclass
class Visitor:
    """A user with a session and a token, what they may see, and the paths they walk."""

    user: User
    session: str
    token: str
    sees: set[int]
    paths: list[str]
    closed: list[str] = field(default_factory=list)


@dataclass
class Tally:
    requests: int = 0
    raised: int = 0
    shown: int = 0
    denied: int = 0
    problems: list[str] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Tally:
        for name in ("requests", "raised", "shown", "denied", "problems"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


def make_crowd() -> list[Visitor]:
    """Make the tree, and a visitor for every community and street."""
    with as_owner():
        city = Tenant.objects.create(slug="town", name="镇", level=Level.CITY)
        district = _place(city, Level.DISTRICT, "town-d")
        streets = [_place(district, Level.STREET, f"town-{n}") for n in range(STREETS)]
        communities = {
            street.pk: [_place(street, Level.COMMUNITY, f"{street.slug}-{n}") for n in range(COMMUNITIES)]
            for street in streets
        }
        everywhere = [*streets, *(one for some in communities.values() for one in some)]
        users = {p.pk: User.objects.create_user(f"u-{p.slug}", "访客", "irrelevant-1") for p in everywhere}
        tokens = {p.pk: create_token(users[p.pk], p, name="crowd", days=1) for p in everywhere}
    cases: dict[int, int] = {}
    for street in streets:
        appoint(street, users[street.pk], Role.STREET_OFFICER)
        for place in communities[street.pk]:
            appoint(place, users[place.pk], Role.COMMUNITY_CLERK)
            make_member(place, f"标记{place.pk}号")
            cases[place.pk] = _case(place, users[place.pk], street)
    visitors = []
    for street in streets:
        own = communities[street.pk]
        for place in own:
            others = [p for p in everywhere if p.pk not in (place.pk, street.pk)]
            paths = [
                f"/{place.slug}/inbox/todo",
                f"/{place.slug}/members/",
                f"/{place.slug}/cases/{cases[place.pk]}",
            ]
            closed = [f"/{p.slug}/inbox/todo" for p in others[:6]]
            closed += [f"/{place.slug}/cases/{cases[p.pk]}" for p in others if p.pk in cases][:6]
            visitors.append(_visitor(users[place.pk], tokens[place.pk], {place.pk}, paths, closed))
        paths = [f"/{street.slug}/inbox/todo", f"/{own[0].slug}/cases/{cases[own[0].pk]}"]
        closed = [f"/{p.slug}/inbox/todo" for p in everywhere if p.street_id != street.pk][:6]
        sees = {place.pk for place in own}
        visitors.append(_visitor(users[street.pk], tokens[street.pk], sees, paths, closed))
    return visitors


def _visitor(user: User, token: str, sees: set[int], paths: list[str], closed: list[str]) -> Visitor:
    return Visitor(user, browser_of(user).cookies["sessionid"].value, token, sees, paths, closed)


def _place(parent: Tenant, level: Level, slug: str) -> Tenant:
    tenant = Tenant(slug=slug, name=slug, level=level, parent=parent)
    tenant.street_id, tenant.district_id = parent.street_id, parent.district_id
    tenant.save()
    if level in (Level.STREET, Level.DISTRICT):
        setattr(tenant, f"{level}_id", tenant.pk)
        tenant.save()
    return tenant


def _case(place: Tenant, clerk: User, street: Tenant) -> int:
    with tenant_scope(place):
        title = f"标记{place.pk}号"
        case = Process.objects.create(
            flow_class=FLOW, applicant=clerk, applicant_name="访客", number="1", title=title
        )
        for post, role in ((place, Role.COMMUNITY_CLERK), (street, Role.STREET_OFFICER)):
            node = FLOW.instance.node("eligibility" if post == place else "street_meeting")
            Task.objects.create(process=case, flow_task=node, post_tenant=post, post_role=role)
    return int(case.pk)


@contextmanager
def database_as(**changes: Any) -> Iterator[None]:
    """Let every connection of every thread be made in another way for a while."""
    connections.close_all()
    before = dict(connection.settings_dict)
    connection.settings_dict.update(changes)
    try:
        yield
    finally:
        connection.close()
        connection.close_pool()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)


def let_loose(visitors: list[Visitor], *, requests: int, seed: int) -> Tally:
    """Let every visitor send their part of the requests, all at the same time."""
    handler, each = WSGIHandler(), requests // len(visitors)

    def visit(number: int) -> Tally:
        walk, tally = random.Random(seed * 1000 + number), Tally()
        try:
            for _ in range(each):
                _one_request(handler, visitors[number], walk, tally)
                if walk.random() < 0.05:
                    _read_without_a_scope(tally)
        finally:
            connection.close()
        return tally

    total = Tally()
    with ThreadPoolExecutor(len(visitors)) as pool:
        for tally in pool.map(visit, range(len(visitors))):
            total += tally
    return total


def _one_request(handler: WSGIHandler, visitor: Visitor, walk: random.Random, tally: Tally) -> None:
    """Send a request; in one of ten an exception is raised at one of its statements.

    One of five is to be raised in, but half of those end before the statement is reached.
    """
    is_raising, kind = walk.random() < 0.2, walk.random()
    if kind < 0.2:
        path, wanted = "/graphql", 200
    elif kind < 0.35:
        path, wanted = walk.choice(visitor.closed), 404
    else:
        path, wanted = walk.choice(visitor.paths), 200
    bomb = _Bomb(walk.randint(1, 20) if is_raising else 0)
    with connection.execute_wrapper(bomb):
        status, body = _answer(handler, visitor, path)
    tally.requests += 1
    tally.raised += bomb.exploded
    seen = {int(mark) for mark in _MARK.findall(body)}
    tally.shown += len(seen & visitor.sees)
    if seen - visitor.sees:
        tally.problems.append(f"{visitor.user} at {path} was shown {sorted(seen - visitor.sees)}")
    if bomb.exploded:
        return
    if status != wanted:
        tally.problems.append(f"{visitor.user} at {path} got {status}, not {wanted}")
    elif wanted == 200 and not seen:
        tally.problems.append(f"{visitor.user} at {path} was shown nothing")


def _answer(handler: WSGIHandler, visitor: Visitor, path: str) -> tuple[int, str]:
    """Go through the whole application as its server does, up to the end of the request."""
    factory = RequestFactory()
    if path == "/graphql":
        headers = {"authorization": f"Bearer {visitor.token}"}
        request = factory.post(path, {"query": QUERY}, content_type="application/json", headers=headers)
    else:
        factory.cookies["sessionid"] = visitor.session
        request = factory.get(path)
    said: list[str] = []
    response: Any = handler(request.environ, lambda status, headers: said.append(status))
    body = b"".join(response).decode(errors="replace")
    response.close()
    return int(said[0].split()[0]), body


class _Bomb:
    """Raise at the nth statement of a request, none if n is 0."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.exploded = False

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            self.exploded = True
            raise Midway
        return execute(sql, params, many, context)


def _read_without_a_scope(tally: Tally) -> None:
    """Between two requests there is no scope: the ORM raises, and the database denies."""
    try:
        tally.problems.append(f"the ORM counted {Member.objects.count()} rows without a scope")
    except ScopeMissing:
        tally.denied += 1
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM registry_member")
            tally.problems.append(f"the database counted {cursor.fetchone()} rows without a scope")
    except DatabaseError as error:
        if "permission denied" not in str(error):
            tally.problems.append(f"the database said {error}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, coalesce(current_setting('app.tenant_id', true), '')")
        if (left := cursor.fetchone()) != ("lianxi_app", ""):
            tally.problems.append(f"a connection came back as {left}")
    connection.close()
