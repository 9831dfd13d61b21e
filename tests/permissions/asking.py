"""Send one request of the matrix as one of its callers, and say in a word how it was answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from api import ids
from registry.models import Member
from tenants.actors import actor_for
from tests.api.caller import Program, operation, program
from tests.cast import ELIGIBLE, PASSWORD, inside, nomination
from tests.permissions.world import Case, World
from tests.registry.lists import person, workbook
from tests.web.browsing import browser_of
from workflows.actions.claim import claim

MISSING = 7_777_777
"""The number of nothing."""


def _nomination(world: World, caller: str) -> dict[str, Any]:
    return nomination_of(_member_for(world, caller))


def nomination_of(member_id: int) -> dict[str, Any]:
    """Return a nomination of whoever has this number, or of nobody."""
    return nomination(Member(pk=member_id))


def _roster(world: World, caller: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("名册.xlsx", workbook([person(1 + 2 * len(caller))]).read())}


# What is posted where; an address that is not here is posted nothing.
BODIES: dict[str, Callable[[World, str], dict[str, Any]]] = {
    "/login/": lambda world, caller: {"username": "limin", "password": PASSWORD},
    "/language/setlang/": lambda world, caller: {"language": "en", "next": "/"},
    "/<slug:slug>/start/<slug:code>": _nomination,
    "/<slug:slug>/members/import": _roster,
    "/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/decide": lambda world, caller: ELIGIBLE,
    "/<slug:slug>/cases/<int:case_id>/steps/<int:step_id>/send-back": lambda world, caller: {
        "comment": "请补充材料。"
    },
    "/<slug:slug>/cases/<int:case_id>/withdraw": lambda world, caller: {"reason": "撤回。"},
}

CODES = {
    "/<slug:slug>/start/<slug:code>": "outstanding-member",
    "/<slug:slug>/cases/<int:case_id>/print/<slug:code>": "nomination-form",
}


def prepare(world: World, endpoint: str) -> None:
    """Bring Shicheng's case where the endpoint can succeed."""
    if endpoint.rsplit("/", 1)[-1] == "release":
        take(world.own, world.people["own"])


def take(case: Case, user: Any) -> None:
    """Claim the step that a case waits for."""
    actor = actor_for(user)
    with inside(case.tenant):
        claim(case.id, case.step_id, actor=actor)


def address(route: str, case: Case, **changes: Any) -> str:
    """Return a route's address for a case and its tenant, with some parts changed."""
    parts: dict[str, Any] = {
        "slug": case.tenant.slug,
        "case_id": case.id,
        "step_id": case.step_id,
        "code": CODES.get(route, ""),
        **changes,
    }

    def part(match: re.Match[str]) -> str:
        return str(parts[match[1]])

    return re.sub(r"<(?:\w+:)?(\w+)>", part, route)


def parts_of(route: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", route)


def client_of(world: World, caller: str) -> Client:
    """Return a client in which the caller is whoever they are; errors become answers."""
    if caller == "anonymous":
        client = Client()
    elif caller == "token":
        token = program(world.people["own"], world.cast.shicheng).token
        client = Client(headers={"authorization": f"Bearer {token}"})
    else:
        client = browser_of(world.people[caller])
    client.raise_request_exception = False
    return client


def ask(world: World, client: Client, caller: str, verb: str, route: str, path: str) -> HttpResponse:
    """Send a request to a page."""
    body = BODIES[route](world, caller) if verb == "POST" and route in BODIES else {}
    if verb in ("GET", "HEAD"):
        response = getattr(client, verb.lower())(path)
    elif verb == "POST":
        response = client.post(path, body)
    else:
        response = client.generic(verb, path)
    return response  # type: ignore[no-any-return]


def word(response: HttpResponse) -> str:
    """Return the status, or `login` where the answer is the way to sign in."""
    if response.status_code == 302 and response["Location"].startswith("/login/?next="):
        return "login"
    return str(response.status_code)


# GraphQL: the example document and its variables, by field.
Variables = Callable[[str, str], dict[str, Any]]

OPERATIONS: dict[str, tuple[str, Variables]] = {
    "me": ("me", lambda case, step: {}),
    "tasks": ("inbox", lambda case, step: {"first": 100}),
    "process": ("process", lambda case, step: {"id": case}),
    "claim": ("claim", lambda case, step: {"input": {"taskId": step}}),
    "release": ("release", lambda case, step: {"input": {"taskId": step}}),
    "decide": ("decide", lambda case, step: {"input": {"taskId": step, "data": ELIGIBLE}}),
    "sendBack": ("send-back", lambda case, step: {"input": {"taskId": step, "comment": "请补充。"}}),
    "withdraw": ("withdraw", lambda case, step: {"input": {"processId": case}}),
}
TAKES_ID = ("process", "claim", "release", "decide", "sendBack", "withdraw")


def program_of(world: World, caller: str) -> Program | None:
    """Return the caller's program, with a token for the place of their post; None for no token."""
    cast = world.cast
    places = {
        "own": cast.shicheng,
        "colleague": cast.shicheng,
        "sibling": cast.dongshanbei,
        "elsewhere": cast.dongshanbei,
        "street": cast.shishan,
        "district": cast.district,
        "other_street": cast.yuntai,
        "other_district": world.north,
        "no_post": cast.city,
    }
    if caller in ("anonymous", "session"):
        return None
    who = "commuter" if caller == "elsewhere" else caller
    return program(world.people[who], places[caller])


def call(world: World, caller: str, field: str, case: str, step: str) -> HttpResponse:
    """Send a field's document with the ids of a case and of its step."""
    if field == "startProcess":
        document = operation("start")
        given = {"flow": "outstanding-member", "data": nomination_of(_member_for(world, caller))}
        variables: dict[str, Any] = {"input": given}
    else:
        name, make = OPERATIONS[field]
        document, variables = operation(name), make(case, step)
    return send(world, caller, document, variables)


def send(world: World, caller: str, document: str, variables: dict[str, Any]) -> HttpResponse:
    found = program_of(world, caller)
    if found is not None:
        return found.send(document, **variables)
    client = browser_of(world.people["own"]) if caller == "session" else Client()
    body = json.dumps({"query": document, "variables": variables})
    answer: HttpResponse = client.post("/graphql", body, content_type="application/json")  # type: ignore[assignment]
    return answer


def _member_for(world: World, caller: str) -> int:
    return world.spare[caller].pk if caller in world.spare else world.own.member_id


def global_ids(case: Case, **changes: int) -> tuple[str, str]:
    """Return the ids of a case and of its step, with the tenant or the row changed."""
    tenant = changes.get("tenant", case.tenant.pk)
    return (
        ids.encode(ids.Kind.PROCESS, tenant, changes.get("row", case.id)),
        ids.encode(ids.Kind.TASK, tenant, changes.get("row", case.step_id)),
    )


def outcome(response: HttpResponse, field: str) -> str:
    """Return the HTTP status if it is an error, the refusal's code, `null`, `empty` or `ok`."""
    if response.status_code != 200:
        return str(response.status_code)
    answer = json.loads(response.content)
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    value = answer["data"][field]
    if value is None:
        return "null"
    if value.get("errors"):
        return str(value["errors"][0]["code"])
    return "empty" if value.get("nodes") == [] else "ok"


_NORMAL = (
    (re.compile(rb'"X-CSRFToken": "\w+"'), b'"X-CSRFToken": "-"'),
    (re.compile(rb'name="csrfmiddlewaretoken" value="\w+"'), b'name="csrfmiddlewaretoken" value="-"'),
)
# Different in every answer, and made without a look at any tenant.
VARYING_HEADERS = ("X-Request-ID", "X-Correlation-ID", "Expires")


def full(response: HttpResponse) -> tuple[int, bytes, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return everything of an answer that could tell one cause from another."""
    body: bytes = response.content
    for pattern, same in _NORMAL:
        body = pattern.sub(same, body)
    headers = sorted((k, v) for k, v in response.headers.items() if k not in VARYING_HEADERS)
    # The session's cookie is renewed by the clock, whatever the answer.
    cookies = sorted(name for name in response.cookies if name != "sessionid")
    return response.status_code, body, tuple(headers), tuple(cookies)


def counted(statements: Iterable[dict[str, str]]) -> int:
    """Count the statements of an answer; the session is renewed by the clock, whatever the answer."""
    clockwork = ("BEGIN", "COMMIT")
    return sum(s["sql"] not in clockwork and "django_session" not in s["sql"] for s in statements)
