"""What a request must look like before it is read as GraphQL."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.api.caller import Program, error_codes

ME = "{ me { name } }"


def raw(clerk: Program, body: str | bytes, content_type: str) -> Any:
    return Client().post(
        "/graphql", body, content_type=content_type, headers={"Authorization": f"Bearer {clerk.token}"}
    )


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
    ],
)
def test_anything_but_json_is_415(clerk: Program, content_type: str) -> None:
    body = json.dumps({"query": ME})
    assert raw(clerk, body, content_type).status_code == 415
    assert raw(clerk, body, "application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "delete", "options", "head"])
def test_anything_but_post_is_405(clerk: Program, method: str) -> None:
    call = getattr(Client(), method)
    response = call("/graphql?query={me{name}}", headers={"Authorization": f"Bearer {clerk.token}"})
    assert (response.status_code, response["Allow"]) == (405, "POST")


def test_what_stands_in_the_address_is_ignored(clerk: Program) -> None:
    response = Client().post(
        "/graphql?query={me{posts{role}}}&pretty=1",
        json.dumps({"query": ME}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {clerk.token}"},
    )
    assert response.content.decode() == '{"data":{"me":{"name":"李敏"}}}'


def test_a_query_in_the_address_alone_is_no_query(clerk: Program) -> None:
    response = Client().post(
        "/graphql?query={me{name}}",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {clerk.token}"},
    )
    assert response.status_code == 400


MALFORMED = (
    " ",
    "{",
    "[]",
    "null",
    '{"query": 1}',
    '[{"query": "{me{name}}"}]',
    '{"query": "{me{name}}", "variables": []}',
    '{"query": "{me{name}}", "variables": {"n": NaN}}',
    '{"query": "{me{name}}", "variables": {"n": ' + "9" * 5000 + "}}",
    '{"query": "{me{name}}", "operationName": 5}',
    "[" * 100_000,
)


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_body_is_400_and_says_so(clerk: Program, body: str) -> None:
    response = raw(clerk, body, "application/json")
    assert response.status_code == 400
    assert error_codes(response) == ["BAD_REQUEST"]


def test_bytes_that_are_no_text_are_400(clerk: Program) -> None:
    assert raw(clerk, b'{"query": "\xff\xfe"}', "application/json").status_code == 400


def test_a_body_above_the_limit_is_413(clerk: Program) -> None:
    assert clerk.post({"query": ME, "extensions": "x" * 1000}).status_code == 200
    response = clerk.post({"query": ME, "extensions": "x" * 300_000})
    assert response.status_code == 413
    assert error_codes(response) == ["PAYLOAD_TOO_LARGE"]


def test_answers_are_not_stored_by_caches_and_set_no_cookie(clerk: Program) -> None:
    response = clerk.send(ME)
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_an_unknown_field_is_an_error_and_nothing_is_executed(clerk: Program) -> None:
    response = clerk.send("{ me { name salary } }")
    assert response.status_code == 400
    assert error_codes(response) == ["GRAPHQL_VALIDATION_FAILED"]
    assert b"data" not in response.content


def test_suggestions_are_made_in_the_demo_only(clerk: Program, settings: Settings) -> None:
    assert "Did you mean" in clerk.send("{ me { nam } }").content.decode()
    settings.DEMO = False
    assert "Did you mean" not in clerk.send("{ me { nam } }").content.decode()


@pytest.mark.parametrize(
    "query",
    ["{" + "me { name } " * 600 + "}", "#\n" * 1000 + ME, "{" + "a" * 10 + "{b" * 3000, "{ me { name"],
)
def test_too_long_or_broken_documents_are_refused_by_the_parser(clerk: Program, query: str) -> None:
    response = clerk.send(query)
    assert response.status_code == 400
    assert error_codes(response) == ["GRAPHQL_PARSE_FAILED"]


def test_ten_fields_at_the_root_are_served_and_eleven_are_not(clerk: Program) -> None:
    def query(count: int) -> str:
        return "{" + " ".join(f"a{n}: me {{ name }}" for n in range(count)) + "}"

    assert len(clerk.ask(query(10))) == 10
    assert clerk.send(query(11)).status_code == 400


def test_fragments_that_multiply_are_refused_at_once(clerk: Program) -> None:
    links = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(40))
    query = f"{{ ...f0 }} {links} fragment f40 on Query {{ __typename }}"
    assert clerk.send(query).status_code == 400


def test_the_named_operation_is_the_one_that_runs(clerk: Program) -> None:
    both = "query A { me { name } } query B { me { posts { role } } }"
    response = clerk.post({"query": both, "operationName": "B"})
    assert json.loads(response.content)["data"] == {"me": {"posts": [{"role": "COMMUNITY_CLERK"}]}}
    assert clerk.post({"query": both}).status_code == 400
    assert clerk.post({"query": both, "operationName": "C"}).status_code == 400
