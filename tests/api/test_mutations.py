"""Mutations: refusals are data, failures are masked, and neither changes anything."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.models import Event
from tests.api.caller import Program, error_codes, operation
from tests.api.test_foreign import state
from tests.cast import ELIGIBLE, Cast, inside, make_member, nomination
from workflows.models import CaseCounter, Process

FLOW = "outstanding-member"


def refusals(payload: dict[str, Any]) -> list[tuple[str | None, str]]:
    (thing,) = (value for key, value in payload.items() if key != "errors")
    assert thing is None
    return [(error["field"], error["code"]) for error in payload["errors"]]


def test_wrong_input_is_named_by_field_and_nothing_is_written(cast: Cast, clerk: Program) -> None:
    member = make_member(cast.shicheng)
    wrong = nomination(member, present="many", summary="")
    assert refusals(clerk.do("start", flow=FLOW, data=wrong)) == [
        ("present", "INVALID_INPUT"),
        ("summary", "INVALID_INPUT"),
    ]
    with inside(cast.shicheng):
        assert not Process.objects.exists()
        assert not CaseCounter.objects.exists()
        assert not Event.objects.of(cast.shicheng.pk).exists()
    assert clerk.done("start", flow=FLOW, data=nomination(member))["number"].endswith("-0001")


def test_an_unknown_flow_is_named(cast: Cast, clerk: Program) -> None:
    assert refusals(clerk.do("start", flow="nothing", data={})) == [("flow", "INVALID_INPUT")]


def test_a_person_without_the_starting_post_cannot_start(cast: Cast, officer: Program) -> None:
    member = make_member(cast.shicheng)
    assert refusals(officer.do("start", flow=FLOW, data=nomination(member))) == [(None, "NOT_ALLOWED")]
    for place in (cast.shicheng, cast.shishan):
        with inside(place):
            assert not Process.objects.exists()


def test_another_post_of_the_community_cannot_decide(cast: Cast, secretary: Program, step_id: str) -> None:
    before = state(cast)
    assert refusals(secretary.do("decide", taskId=step_id, data=ELIGIBLE)) == [(None, "NOT_ALLOWED")]
    assert state(cast) == before


def test_a_step_is_decided_once(cast: Cast, clerk: Program, step_id: str) -> None:
    clerk.done("decide", taskId=step_id, data=ELIGIBLE)
    before = state(cast)
    assert refusals(clerk.do("decide", taskId=step_id, data=ELIGIBLE)) == [(None, "STEP_CLOSED")]
    assert state(cast) == before


def test_disagreeing_needs_a_comment(cast: Cast, clerk: Program, secretary: Program, step_id: str) -> None:
    clerk.done("decide", taskId=step_id, data=ELIGIBLE)
    (review,) = secretary.inbox()
    before = state(cast)
    given = {"taskId": review["id"], "outcome": "DISAGREED"}
    assert refusals(secretary.do("decide", **given)) == [("comment", "INVALID_INPUT")]
    assert refusals(secretary.do("decide", taskId=review["id"])) == [("outcome", "INVALID_INPUT")]
    assert state(cast) == before
    after = secretary.done("decide", **given, comment="票数不足")
    assert after["process"]["outcome"] == "REJECTED"


def test_only_the_applicant_withdraws(cast: Cast, clerk: Program, secretary: Program, case_id: str) -> None:
    before = state(cast)
    assert refusals(secretary.do("withdraw", processId=case_id)) == [(None, "NOT_ALLOWED")]
    assert state(cast) == before
    assert clerk.done("withdraw", processId=case_id)["status"] == "CANCELED"
    assert refusals(clerk.do("withdraw", processId=case_id)) == [(None, "STEP_CLOSED")]


def test_the_log_names_the_request(cast: Cast, clerk: Program) -> None:
    member = make_member(cast.shicheng)
    response = clerk.send(operation("start"), input={"flow": FLOW, "data": nomination(member)})
    with inside(cast.shicheng):
        event = Event.objects.of(cast.shicheng.pk).get(verb="case.started")
    assert event.request_id == response["X-Correlation-ID"]


ODD = (
    ("deeds", "a\0b"),
    ("deeds", "\ud800"),
    ("deeds", ["x"]),
    ("deeds", {}),
    ("held_on", 5),
    ("held_on", "9" * 400),
    ("due", True),
    ("present", 10**30),
    ("member", 10**30),
    ("member", "1.5"),
)


@pytest.mark.parametrize(("field", "value"), ODD)
def test_odd_values_are_refused_by_field_and_do_not_fail(
    cast: Cast, clerk: Program, field: str, value: Any
) -> None:
    data = {**nomination(make_member(cast.shicheng)), field: value}
    payload = clerk.do("start", flow=FLOW, data=data)
    assert {error["field"] for error in payload["errors"]} == {field}
    with inside(cast.shicheng):
        assert not Process.objects.exists()


@pytest.mark.parametrize("comment", ["a\0b", "\udfff"])
def test_a_comment_that_cannot_be_stored_is_refused(
    cast: Cast, clerk: Program, step_id: str, comment: str
) -> None:
    before = state(cast)
    given = {"taskId": step_id, "comment": comment}
    assert refusals(clerk.do("decide", **given, data=ELIGIBLE)) == [("comment", "INVALID_INPUT")]
    assert refusals(clerk.do("send-back", **given)) == [("comment", "INVALID_INPUT")]
    assert state(cast) == before


def test_data_can_stand_in_the_document_itself(cast: Cast, clerk: Program, step_id: str) -> None:
    query = """mutation($id: ID!, $paid: String!) { decide(input: {taskId: $id, data: {
        dues_paid_to: $paid, last_appraisal: "excellent", discipline: "no", remarks: null}}) {
        task { state } errors { field code } } }"""
    paid = clerk.ask(query, id=step_id, paid="2026-06-01")["decide"]
    assert paid == {"task": {"state": "DONE"}, "errors": []}


def test_data_is_an_object(cast: Cast, clerk: Program, step_id: str) -> None:
    before = state(cast)
    for data in ("text", ["list"], 5):
        response = clerk.send(operation("decide"), input={"taskId": step_id, "data": data})
        assert (response.status_code, error_codes(response)) == (400, ["GRAPHQL_VALIDATION_FAILED"])
    assert state(cast) == before


CLAIM = "claim(input: {taskId: $id}) { task { id } }"
TWICE = (
    f"mutation($id: ID!) {{ a: {CLAIM} b: {CLAIM} }}",
    f"mutation($id: ID!) {{ {CLAIM} {CLAIM} }}",
    f"mutation($id: ID!) {{ {CLAIM} withdraw(input: {{processId: $id}}) {{ errors {{ code }} }} }}",
    f"mutation($id: ID!) {{ ...two }} fragment two on Mutation {{ __typename {CLAIM} }}",
    f"mutation($id: ID!) {{ ... on Mutation {{ {CLAIM} }} a: {CLAIM} }}",
)


@pytest.mark.parametrize("query", TWICE)
def test_two_mutations_in_a_request_are_refused_and_neither_is_done(
    cast: Cast, clerk: Program, step_id: str, query: str
) -> None:
    before = state(cast)
    response = clerk.send(query, id=step_id)
    assert (response.status_code, error_codes(response)) == (400, ["GRAPHQL_VALIDATION_FAILED"])
    assert state(cast) == before


def test_one_mutation_in_a_fragment_is_one(clerk: Program, step_id: str) -> None:
    query = f"mutation($id: ID!) {{ ...one }} fragment one on Mutation {{ {CLAIM} }}"
    assert clerk.ask(query, id=step_id)["claim"]["task"] == {"id": step_id}


SECRET = "secret 110101199001011234"


def explode(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError(SECRET)


BREAKABLE = {
    "api.queries.tenant_view": ("me", {}),
    "api.queries.task_view": ("inbox", {"first": 5}),
    "api.queries.get_case": ("process", {"id": "CASE"}),
    "api.queries.process_view": ("process", {"id": "CASE"}),
    "api.mutations.start": ("start", {"input": {"flow": FLOW, "data": {}}}),
    "api.mutations.decide": ("decide", {"input": {"taskId": "STEP", "data": ELIGIBLE}}),
    "workflows.actions.decide.record_decision": ("decide", {"input": {"taskId": "STEP", "data": ELIGIBLE}}),
    "api.mutations.task_view": ("decide", {"input": {"taskId": "STEP", "data": ELIGIBLE}}),
    "workflows.actions.claim.trail.record": ("claim", {"input": {"taskId": "STEP"}}),
    "api.mutations.release": ("release", {"input": {"taskId": "STEP"}}),
    "api.mutations.send_back": ("send-back", {"input": {"taskId": "STEP", "comment": "x"}}),
    "api.mutations.process_view": ("withdraw", {"input": {"processId": "CASE"}}),
    "api.view.validate": ("me", {}),
    "api.credentials.actor_for": ("me", {}),
}


@pytest.mark.parametrize("broken", BREAKABLE)
def test_what_nobody_expected_is_masked_logged_and_undone(
    cast: Cast,
    clerk: Program,
    case_id: str,
    step_id: str,
    broken: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    name, given = BREAKABLE[broken]
    variables = json.loads(json.dumps(given).replace("CASE", case_id).replace("STEP", step_id))
    before = state(cast)
    with monkeypatch.context() as patch:
        patch.setattr(broken, explode)
        response = clerk.send(operation(name), **variables)
    (error,) = json.loads(response.content)["errors"]
    assert error["extensions"] == {"code": "INTERNAL_ERROR", "correlationId": response["X-Correlation-ID"]}
    assert SECRET not in response.content.decode()
    assert "RuntimeError" not in response.content.decode()
    (logged,) = [one for one in caplog.records if one.name == "api.errors"]
    assert response["X-Correlation-ID"] in logged.getMessage()
    assert logged.exc_info is not None
    assert SECRET in str(logged.exc_info[1])
    assert state(cast) == before
    if name != "start":
        clerk.ask(operation(name), **variables)


def test_an_answer_that_cannot_be_completed_undoes_the_mutation(
    cast: Cast, clerk: Program, step_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(cast)
    with monkeypatch.context() as patch:
        patch.setattr("api.projections._STATES", {"DONE": "no state of the schema"})
        response = clerk.send(operation("decide"), input={"taskId": step_id, "data": ELIGIBLE})
    assert error_codes(response) == ["INTERNAL_ERROR"]
    assert "no state" not in response.content.decode()
    assert state(cast) == before
    clerk.done("decide", taskId=step_id, data=ELIGIBLE)
