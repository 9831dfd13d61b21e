"""The example documents: each one runs."""

from __future__ import annotations

from tests.api.caller import OPERATIONS, Program, operation
from tests.cast import ELIGIBLE, Cast, make_member, nomination


def test_every_example_document_runs(cast: Cast, clerk: Program, secretary: Program) -> None:
    member = make_member(cast.shicheng)
    me = clerk.ask(operation("me"))["me"]
    assert me == {
        "name": "李敏",
        "posts": [{"role": "COMMUNITY_CLERK", "tenant": {"slug": "shicheng", "name": "狮城社区"}}],
    }
    case = clerk.done("start", flow="outstanding-member", data=nomination(member))
    (step,) = clerk.inbox()
    assert step["process"]["id"] == case["id"]
    assert clerk.done("claim", taskId=step["id"])["claimedBy"] == "李敏"
    assert clerk.done("release", taskId=step["id"])["claimedBy"] is None
    assert clerk.done("decide", taskId=step["id"], data=ELIGIBLE)["state"] == "DONE"
    (review,) = secretary.inbox()
    assert secretary.done("send-back", taskId=review["id"], comment="请补充。")["state"] == "CLOSED"
    assert clerk.ask(operation("process"), id=case["id"])["process"]["openTasks"][0]["step"] == "revise"
    withdrawn = clerk.done("withdraw", processId=case["id"], comment="另行申报")
    assert (withdrawn["status"], withdrawn["outcome"]) == ("CANCELED", "WITHDRAWN")


def test_there_is_no_example_document_that_the_test_above_leaves_out() -> None:
    assert {file.stem for file in OPERATIONS.iterdir()} == {
        "me",
        "inbox",
        "process",
        "start",
        "decide",
        "claim",
        "release",
        "send-back",
        "withdraw",
    }
