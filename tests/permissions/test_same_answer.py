"""What is another tenant's answers as what is not there: the same bytes, headers and number of statements."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.api.caller import Program, operation
from tests.permissions.asking import (
    BODIES,
    CODES,
    MISSING,
    OPERATIONS,
    TAKES_ID,
    address,
    ask,
    call,
    client_of,
    counted,
    full,
    global_ids,
    nomination_of,
    outcome,
    parts_of,
    prepare,
    program_of,
    send,
    word,
)
from tests.permissions.endpoints import graphql_endpoints, url_endpoints
from tests.permissions.world import Case, Eye, World, nominate

PLACES = sorted({route for route, _ in url_endpoints() if "<" in route})
INSIDE_A_CASE = [route for route in PLACES if "case_id" in parts_of(route)]
STEPS = [route for route in PLACES if "step_id" in parts_of(route)]
OUTSIDERS = ("sibling", "other_street", "other_district")
BEFORE_A_LOOK = (303, 405)
"""The address of an action leads to its case, and a wrong verb is refused, before anything is looked up."""
FIELDS_WITH_ID = sorted({name for name, _ in graphql_endpoints() if name in TAKES_ID})


def _known_parts(route: str) -> bool:
    return set(parts_of(route)) <= {"slug", "case_id", "step_id", "code"}


def _asked(
    world: World, client: Client, caller: str, verb: str, route: str, path: str
) -> tuple[HttpResponse, int]:
    with CaptureQueriesContext(connection) as statements:
        response = ask(world, client, caller, verb, route, path)
    return response, counted(statements)


def test_every_part_of_every_address_is_known_here() -> None:
    """A new kind of object in an address needs its foreign and its missing twin below."""
    assert [route for route in PLACES if not _known_parts(route)] == []


def test_a_foreign_place_answers_as_a_missing_one(world: World, eye: Eye, subtests: pytest.Subtests) -> None:
    before = eye.rows()
    for caller in (*OUTSIDERS, "no_post"):
        client = client_of(world, caller)
        for route, verb in product(PLACES, ("GET", "POST")):
            with subtests.test(f"{caller} {verb} {route}"):
                foreign = _asked(world, client, caller, verb, route, address(route, world.own))
                missing = _asked(
                    world, client, caller, verb, route, address(route, world.own, slug="nowhere")
                )
                _require_same(foreign, missing)
    assert eye.rows() == before


def test_a_foreign_case_in_the_own_place_answers_as_a_missing_one(
    world: World, eye: Eye, subtests: pytest.Subtests
) -> None:
    before = eye.rows()
    for caller in OUTSIDERS:
        client, place = client_of(world, caller), world.elsewhere[caller]
        for route, verb in product(INSIDE_A_CASE, ("GET", "POST")):
            for step_id in {world.own.step_id, place.step_id}:
                with subtests.test(f"{caller} {verb} {route} step {step_id}"):
                    real = address(route, place, case_id=world.own.id, step_id=step_id)
                    none = address(route, place, case_id=MISSING, step_id=step_id)
                    _require_same(
                        _asked(world, client, caller, verb, route, real),
                        _asked(world, client, caller, verb, route, none),
                    )
    assert eye.rows() == before


def test_a_foreign_step_in_the_own_case_answers_as_a_missing_one(
    world: World, eye: Eye, subtests: pytest.Subtests
) -> None:
    before = eye.rows()
    for caller in OUTSIDERS:
        client, place = client_of(world, caller), world.elsewhere[caller]
        for route in STEPS:
            with subtests.test(f"{caller} {route}"):
                real = address(route, place, step_id=world.own.step_id)
                none = address(route, place, step_id=MISSING)
                _require_same(
                    _asked(world, client, caller, "POST", route, real),
                    _asked(world, client, caller, "POST", route, none),
                )
    assert eye.rows() == before


@pytest.mark.parametrize("route", STEPS)
def test_a_step_of_another_case_of_the_same_place_is_missing_in_this_one(
    world: World, eye: Eye, route: str
) -> None:
    """The twin within one tenant, which no policy guards: case and step must belong together."""
    prepare(world, route)
    second = _second_case(world)
    client = client_of(world, "own")
    before = eye.rows()
    for case_id, step_id in ((world.own.id, second.step_id), (second.id, world.own.step_id)):
        path = address(route, world.own, case_id=case_id, step_id=step_id)
        assert ask(world, client, "own", "POST", route, path).status_code == 404
        assert eye.rows() == before
    assert word(ask(world, client, "own", "POST", route, address(route, world.own))) == "303"
    assert eye.rows() != before


def test_a_foreign_id_answers_as_a_missing_one(world: World, eye: Eye, subtests: pytest.Subtests) -> None:
    before = eye.rows()
    for caller in (*OUTSIDERS, "elsewhere", "no_post"):
        program = program_of(world, caller)
        assert program is not None
        for field in FIELDS_WITH_ID:
            with subtests.test(f"{caller} {field}"):
                foreign = _called(program, field, *global_ids(world.own))
                assert outcome(foreign[0], field) in ("null", "NOT_FOUND")
                for changes in ({"row": MISSING}, {"tenant": MISSING}):
                    missing = _called(program, field, *global_ids(world.own, **changes))
                    assert full(missing[0]) == full(foreign[0])
                    assert missing[1] == foreign[1], "the number of statements tells them apart"
    assert eye.rows() == before


def test_a_foreign_row_under_the_own_tenants_id_answers_as_a_missing_one(world: World, eye: Eye) -> None:
    before = eye.rows()
    for caller in ("sibling",):
        place = world.elsewhere[caller]
        for field in FIELDS_WITH_ID:
            foreign = call(world, caller, field, *_ids_at(place, world.own))
            missing = call(world, caller, field, *global_ids(place, row=MISSING))
            assert full(foreign) == full(missing)
            assert outcome(foreign, field) in ("null", "NOT_FOUND")
    assert eye.rows() == before


def test_a_foreign_member_is_nominated_as_a_missing_one(world: World, eye: Eye) -> None:
    route = "/<slug:slug>/start/<slug:code>"
    place = world.elsewhere["sibling"]
    client, path, before = client_of(world, "sibling"), address(route, place), eye.rows()
    answers = []
    for member in (world.own.member_id, MISSING):
        with CaptureQueriesContext(connection) as statements:
            page = client.post(path, nomination_of(member))
        document = operation("start")
        given = {"input": {"flow": CODES[route], "data": nomination_of(member)}}
        api = send(world, "sibling", document, given)
        answers.append((full(page), counted(statements), api.status_code, api.content))
        assert (page.status_code, outcome(api, "startProcess")) == (422, "INVALID_INPUT")
    assert answers[0] == answers[1]
    assert eye.rows() == before
    assert (
        ask(world, client_of(world, "own"), "own", "POST", route, address(route, world.own)).status_code
        == 303
    )


def test_a_list_goes_on_behind_a_foreign_member_as_behind_a_missing_one(world: World) -> None:
    client = client_of(world, "sibling")
    path = f"/{world.cast.dongshanbei.slug}/members/?after="
    pages = [client.get(f"{path}{member}") for member in (world.own.member_id, MISSING)]
    assert full(pages[0]) == full(pages[1])
    assert pages[0].status_code == 200


def test_what_is_asked_here_is_asked_of_the_matrix_too() -> None:
    """The requests that these tests send are those that succeed for the own clerk in the matrix."""
    assert set(BODIES) <= {route for route, _ in url_endpoints()}
    assert set(OPERATIONS) | {"startProcess"} == {name for name, _ in graphql_endpoints()}


def _require_same(foreign: tuple[HttpResponse, int], missing: tuple[HttpResponse, int]) -> None:
    if foreign[0].status_code in BEFORE_A_LOOK:
        assert foreign[0].status_code == missing[0].status_code
    else:
        assert foreign[0].status_code == 404
        assert full(foreign[0]) == full(missing[0])
    assert foreign[1] == missing[1], "the number of statements tells the foreign from the missing"


def _called(program: Program, field: str, case: str, step: str) -> tuple[HttpResponse, int]:
    name, variables = OPERATIONS[field]
    with CaptureQueriesContext(connection) as statements:
        response = program.send(operation(name), **variables(case, step))
    return response, counted(statements)


def _ids_at(place: Case, case: Case) -> tuple[str, str]:
    return global_ids(Case(place.tenant, case.id, case.step_id, case.member_id))


def _second_case(world: World) -> Case:
    return nominate(world.own.tenant, world.people["own"], world.spare["own"])
