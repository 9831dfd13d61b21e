"""Another tenant's object answers exactly as a missing one does."""

from __future__ import annotations

import pytest

from api import ids
from audit.models import Event
from tests.api.caller import Program, operation
from tests.cast import ELIGIBLE, Cast, inside, make_member, nomination
from workflows.models import Decision, Process, Task


def missing_ids(kind: ids.Kind, real: str, cast: Cast) -> list[str]:
    """Return ids of nothing: in this tenant, in one that is not there, and texts that are no ids."""
    row = ids.decode(kind, real).row_id
    return [
        ids.encode(kind, cast.shicheng.pk, row + 1000),
        ids.encode(kind, 999_999, row),
        ids.encode(kind, cast.yuntai_first.pk, row),
        "nonsense",
        "",
        "\0",
        "\ud800",
        "x" * 5000,
        real + "=",
    ]


def state(cast: Cast) -> tuple[object, ...]:
    with inside(cast.shicheng):
        return (
            list(Process.objects.values_list("pk", "status")),
            list(Task.objects.values_list("pk", "status", "owner_id").order_by("pk")),
            Decision.objects.count(),
            Event.objects.of(cast.shicheng.pk).count(),
        )


@pytest.mark.parametrize("who", ["neighbour", "foreign_officer"])
def test_a_foreign_case_is_read_as_a_missing_one(
    cast: Cast, clerk: Program, case_id: str, who: str, request: pytest.FixtureRequest
) -> None:
    outsider: Program = request.getfixturevalue(who)
    before = state(cast)
    foreign = outsider.send(operation("process"), id=case_id)
    for missing in missing_ids(ids.Kind.PROCESS, case_id, cast):
        answer = outsider.send(operation("process"), id=missing)
        assert (answer.status_code, answer.content) == (foreign.status_code, foreign.content)
    assert foreign.content == b'{"data":{"process":null}}'
    assert state(cast) == before
    assert clerk.ask(operation("process"), id=case_id)["process"]["id"] == case_id


MUTATIONS = {
    "decide": {"data": ELIGIBLE},
    "claim": {},
    "release": {},
    "send-back": {"comment": "请补充。"},
    "withdraw": {},
}


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("who", ["neighbour", "foreign_officer"])
def test_a_foreign_case_is_acted_on_as_a_missing_one(
    cast: Cast, case_id: str, step_id: str, name: str, who: str, request: pytest.FixtureRequest
) -> None:
    outsider: Program = request.getfixturevalue(who)
    kind, key, real = (
        (ids.Kind.PROCESS, "processId", case_id) if name == "withdraw" else (ids.Kind.TASK, "taskId", step_id)
    )
    before = state(cast)

    def send(given: str) -> tuple[int, bytes]:
        answer = outsider.send(operation(name), input={key: given, **MUTATIONS[name]})
        return answer.status_code, answer.content

    foreign = send(real)
    assert b'"NOT_FOUND"' in foreign[1]
    for missing in missing_ids(kind, real, cast):
        assert send(missing) == foreign
    assert state(cast) == before


def test_the_same_acts_succeed_at_home(clerk: Program, case_id: str, step_id: str) -> None:
    clerk.done("claim", taskId=step_id)
    clerk.done("release", taskId=step_id)
    clerk.done("decide", taskId=step_id, data=ELIGIBLE)
    clerk.done("withdraw", processId=case_id)


def test_the_id_of_a_case_is_not_the_id_of_a_step(clerk: Program, case_id: str, step_id: str) -> None:
    assert clerk.ask(operation("process"), id=step_id) == {"process": None}
    assert clerk.do("claim", taskId=case_id)["errors"][0]["code"] == "NOT_FOUND"


def test_a_street_officer_reads_a_communitys_case_and_leaves_a_trace(
    cast: Cast, clerk: Program, officer: Program, case_id: str
) -> None:
    def reads() -> list[str]:
        with inside(cast.shicheng):
            events = Event.objects.of(cast.shicheng.pk).filter(verb="case.read")
            return [str(name) for name in events.values_list("actor_name", flat=True)]

    clerk.ask(operation("process"), id=case_id)
    assert reads() == []
    assert officer.ask(operation("process"), id=case_id)["process"]["id"] == case_id
    assert reads() == ["赵强"]


def test_a_member_of_the_neighbour_is_not_there_for_a_nomination(
    cast: Cast, clerk: Program, neighbour: Program
) -> None:
    theirs = make_member(cast.dongshanbei)
    payload = clerk.do("start", flow="outstanding-member", data=nomination(theirs))
    assert [(error["field"], error["code"]) for error in payload["errors"]] == [("member", "INVALID_INPUT")]
    with inside(cast.shicheng):
        assert not Process.objects.exists()
    neighbour.done("start", flow="outstanding-member", data=nomination(theirs))
