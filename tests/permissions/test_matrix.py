"""Who gets what at every address and at every field of the API: `expectations.py`, tried out."""

from __future__ import annotations

import pytest
from django.test import override_settings

from tests.permissions.asking import address, ask, call, client_of, global_ids, outcome, prepare, word
from tests.permissions.endpoints import graphql_endpoints, url_endpoints
from tests.permissions.expectations import FIELDS, PAGES, REFUSALS, SHOWS
from tests.permissions.table import Row, departures, read
from tests.permissions.world import SECRET, Eye, World

PAGE_ROWS, FIELD_ROWS = read(PAGES), read(FIELDS)
QUIET = [row for row in PAGE_ROWS if row.verb == "GET" or row.cells["own"] in REFUSALS]
"""What leaves the world as it is, so that one world does for all of them."""
ACTS = [row for row in PAGE_ROWS if row not in QUIET]
OTHER_VERBS = ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert departures(url_endpoints(), PAGE_ROWS) == [], "add a row to tests/permissions/expectations.py"


def test_every_field_of_the_api_has_a_row_and_every_row_a_field() -> None:
    assert departures(graphql_endpoints(), FIELD_ROWS) == [], "add a row to tests/permissions/expectations.py"


def test_a_new_address_without_a_row_is_noticed() -> None:
    before = departures(url_endpoints(), PAGE_ROWS)
    with override_settings(ROOT_URLCONF="tests.permissions.stray_urls"):
        assert set(departures(url_endpoints(), PAGE_ROWS)) - set(before) == {
            "GET /<slug:slug>/stray: no row says who gets what",
            "POST /<slug:slug>/stray: no row says who gets what",
        }


def test_a_row_without_an_address_is_noticed() -> None:
    endpoints = {row.key for row in PAGE_ROWS}
    gone = departures(endpoints - {("/places/", "GET")}, PAGE_ROWS)
    assert gone == ["GET /places/: the row's endpoint is gone"]
    assert departures(endpoints, [*PAGE_ROWS, PAGE_ROWS[0]]) == [f"{PAGE_ROWS[0].name}: two rows"]


def test_every_caller_reads_what_the_rows_say(world: World, eye: Eye, subtests: pytest.Subtests) -> None:
    clients = {caller: client_of(world, caller) for caller in PAGE_ROWS[0].cells}
    for row in QUIET:
        with subtests.test(row.name):
            _try(world, eye, row, clients)


@pytest.mark.parametrize("row", ACTS, ids=lambda row: row.endpoint)
def test_every_caller_does_what_the_row_says(world: World, eye: Eye, row: Row) -> None:
    prepare(world, row.endpoint)
    _try(world, eye, row, {caller: client_of(world, caller) for caller in row.cells})


@pytest.mark.parametrize("row", FIELD_ROWS, ids=lambda row: row.name)
def test_every_program_gets_what_the_row_says(world: World, eye: Eye, row: Row) -> None:
    prepare(world, row.endpoint)
    got, (case, step) = {}, global_ids(world.own)
    for caller in _refused_first(row):
        before = eye.rows(), eye.heads()
        response = call(world, caller, row.endpoint, case, step)
        got[caller] = outcome(response, row.endpoint)
        _check_refusal(eye, row, caller, got[caller], response.content.decode(), before)
    assert got == row.cells


def test_no_other_verb_shows_or_changes_anything(world: World, eye: Eye, subtests: pytest.Subtests) -> None:
    for row in PAGE_ROWS:
        if row.verb == "GET":
            with subtests.test(row.endpoint):
                for caller in ("own", "sibling", "other_street", "anonymous"):
                    _try_other_verbs(world, eye, row, caller)


def _try(world: World, eye: Eye, row: Row, clients: dict) -> None:
    got, path = {}, address(row.endpoint, world.own)
    for caller in _refused_first(row):
        before = eye.rows(), eye.heads()
        response = ask(world, clients[caller], caller, row.verb, row.endpoint, path)
        got[caller] = word(response)
        _check_refusal(eye, row, caller, got[caller], response.content.decode(errors="replace"), before)
    assert got == row.cells


def _check_refusal(eye: Eye, row: Row, caller: str, got: str, body: str, before: tuple) -> None:
    if got in REFUSALS:
        assert (eye.rows(), eye.heads()) == before, f"{caller} was refused, and something changed"
        assert SECRET not in body, f"{caller} was refused, and shown a name"
    elif caller == "own" and row.key in SHOWS:
        assert SECRET in body, "the own clerk is not shown what others are refused"


def _try_other_verbs(world: World, eye: Eye, row: Row, caller: str) -> None:
    client, path = client_of(world, caller), address(row.endpoint, world.own)
    before = eye.rows()
    for verb in OTHER_VERBS:
        response = ask(world, client, caller, verb, row.endpoint, path)
        assert SECRET not in response.content.decode(errors="replace"), (caller, verb)
        assert response.status_code < 500, (caller, verb)
        if verb == "HEAD":
            assert word(response) == row.cells[caller]
    assert eye.rows() == before, caller


def _refused_first(row: Row) -> list[str]:
    """Return the callers so that those who may act come last, and the own one last of all."""
    return sorted(row.cells, key=lambda caller: (row.cells[caller] not in REFUSALS, caller == "own"))
