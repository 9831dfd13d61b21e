"""The inbox: `tasks`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import cursors
from tests.api.caller import Program, error_codes, operation
from tests.api.test_whole_case import end_notice
from tests.cast import ELIGIBLE, Cast, make_member, nomination

IDS = "query($first: Int!, $after: String) { tasks(first: $first, after: $after) {" + (
    " edges { cursor node { id } } nodes { id }"
    " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
)


def start_cases(cast: Cast, clerk: Program, count: int) -> list[str]:
    for number in range(20 * count):
        make_member(cast.shicheng, f"党员{number}")
    return [
        str(
            clerk.done(
                "start", flow="outstanding-member", data=nomination(make_member(cast.shicheng, f"甲{n}"))
            )["id"]
        )
        for n in range(count)
    ]


def statements(captured: CaptureQueriesContext) -> list[str]:
    """Return the statements, less those that begin and end transactions."""
    control = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    return [query["sql"] for query in captured if not query["sql"].startswith(control)]


def test_the_inbox_says_what_a_step_needs(cast: Cast, clerk: Program, step_id: str) -> None:
    (step,) = clerk.inbox()
    assert step["id"] == step_id
    assert step["availableActions"] == ["CLAIM", "DECIDE", "SEND_BACK"]
    assert [(field["name"], field["type"], field["required"]) for field in step["fields"]] == [
        ("dues_paid_to", "DATE", True),
        ("last_appraisal", "CHOICE", True),
        ("discipline", "CHOICE", True),
        ("remarks", "TEXT", False),
    ]
    choices = step["fields"][2]["choices"]
    assert [choice["value"] for choice in choices] == ["no", "yes"]


def test_what_the_fields_say_is_enough_to_decide(clerk: Program, step_id: str) -> None:
    (step,) = clerk.inbox()
    answers = {"DATE": lambda _: "2026-01-01", "CHOICE": lambda field: field["choices"][0]["value"]}
    data = {field["name"]: answers[field["type"]](field) for field in step["fields"] if field["required"]}
    clerk.done("decide", taskId=step["id"], data=data)


def test_a_claimed_step_can_be_released_by_its_owner(clerk: Program, step_id: str) -> None:
    clerk.done("claim", taskId=step_id)
    assert clerk.inbox()[0]["availableActions"] == ["RELEASE", "DECIDE", "SEND_BACK"]


def test_the_inbox_speaks_the_language_asked_for(clerk: Program, step_id: str) -> None:
    body = {"query": operation("inbox"), "variables": {"first": 1}}
    answer = json.loads(clerk.post(body, **{"Accept-Language": "en"}).content)
    assert answer["data"]["tasks"]["nodes"][0]["title"] == "Eligibility check"
    assert clerk.post(body)["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("first", [-1, 0, 101, 2**31 - 1])
def test_first_is_from_1_to_100(clerk: Program, first: int) -> None:
    assert error_codes(clerk.send(IDS, first=first)) == ["BAD_USER_INPUT"]
    assert clerk.ask(IDS, first=1)["tasks"]["nodes"] == []
    assert clerk.ask(IDS, first=100)["tasks"]["nodes"] == []


def test_first_is_required(clerk: Program) -> None:
    assert clerk.send("{ tasks { nodes { id } } }").status_code == 400


def test_null_for_first_is_the_callers_mistake(clerk: Program) -> None:
    query = "query($first: Int = 5) { tasks(first: $first) { nodes { id } } }"
    assert clerk.ask(query)["tasks"]["nodes"] == []
    assert error_codes(clerk.send(query, first=None)) == ["BAD_USER_INPUT"]


def test_pages_follow_each_other_without_gap_or_repetition(cast: Cast, clerk: Program) -> None:
    start_cases(cast, clerk, 5)
    everything = [step["id"] for step in clerk.inbox()]
    pages: list[dict[str, Any]] = []
    after = None
    while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(clerk.ask(IDS, first=2, after=after)["tasks"])
        after = pages[-1]["pageInfo"]["endCursor"]
    assert [len(page["nodes"]) for page in pages] == [2, 2, 1]
    assert [node["id"] for page in pages for node in page["nodes"]] == everything
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False, True, True]
    for page in pages:
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert page["edges"][0]["cursor"] == page["pageInfo"]["startCursor"]


def test_a_page_stays_where_it_was_when_what_came_before_it_is_done(cast: Cast, clerk: Program) -> None:
    start_cases(cast, clerk, 3)
    first, second, third = clerk.inbox()
    cursor = clerk.ask(IDS, first=2)["tasks"]["pageInfo"]["endCursor"]
    clerk.done("decide", taskId=first["id"], data=ELIGIBLE)
    clerk.done("decide", taskId=second["id"], data=ELIGIBLE)
    assert [node["id"] for node in clerk.ask(IDS, first=2, after=cursor)["tasks"]["nodes"]] == [third["id"]]


@pytest.mark.parametrize("after", ["", "zzz", "\0", "MTpjcmVhdGVkOjE6MQ==", "x" * 9000])
def test_a_bad_cursor_is_an_error_and_not_the_first_page(clerk: Program, step_id: str, after: str) -> None:
    response = clerk.send(IDS, first=1, after=after)
    assert error_codes(response) == ["INVALID_CURSOR"]
    assert json.loads(response.content)["data"] is None


def test_a_cursor_from_elsewhere_shows_nothing_foreign(
    cast: Cast, clerk: Program, neighbour: Program, step_id: str
) -> None:
    cursor = clerk.ask(IDS, first=1)["tasks"]["pageInfo"]["endCursor"]
    earlier = cursors.encode(cursors.decode(cursor).at.replace(year=2000), 1)
    assert clerk.ask(IDS, first=1, after=earlier)["tasks"]["nodes"] == [{"id": step_id}]
    assert neighbour.ask(IDS, first=1, after=earlier)["tasks"]["nodes"] == []


def test_an_inbox_holds_what_the_posts_may_do_and_nothing_else(
    clerk: Program, secretary: Program, officer: Program, neighbour: Program, step_id: str
) -> None:
    assert [step["id"] for step in clerk.inbox()] == [step_id]
    assert [other.inbox() for other in (secretary, officer, neighbour)] == [[], [], []]


def test_a_page_of_fifty_takes_two_statements_in_a_community(cast: Cast, clerk: Program) -> None:
    start_cases(cast, clerk, 4)
    clerk.inbox()
    with CaptureQueriesContext(connection) as alone:
        clerk.ask(operation("me"))
    with CaptureQueriesContext(connection) as captured:
        assert len(clerk.inbox(first=50)) == 4
    assert len(statements(alone)) == 3
    assert len(statements(captured)) - len(statements(alone)) == 2


def test_a_page_of_fifty_takes_three_statements_in_a_street(
    cast: Cast, clerk: Program, secretary: Program, officer: Program
) -> None:
    for case in start_cases(cast, clerk, 2):
        step = next(step for step in clerk.inbox() if step["process"]["id"] == case)
        clerk.done("decide", taskId=step["id"], data=ELIGIBLE)
        secretary.done("decide", taskId=secretary.inbox()[0]["id"], outcome="AGREED")
        end_notice(cast)
    with CaptureQueriesContext(connection) as alone:
        officer.ask(operation("me"))
    with CaptureQueriesContext(connection) as captured:
        assert len(officer.inbox(first=50)) == 2
    assert len(statements(captured)) - len(statements(alone)) == 3
