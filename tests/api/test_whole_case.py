"""A whole case over the API, from nomination to certificate."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from registry.models import Award
from tests.api.caller import Program, operation
from tests.cast import ELIGIBLE, Cast, decision, inside, make_member, meeting, nomination
from workflows.engine.timers import sweep
from workflows.models import Task


def end_notice(cast: Cast) -> None:
    """Let the notice that runs have ended yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    with inside(cast.shicheng):
        notice = Task.objects.get(status="SCHEDULED")
        notice.data["ends_on"] = yesterday.isoformat()
        notice.scheduled = timezone.now() - timedelta(minutes=1)
        notice.save()
    assert sweep() == 1


def test_three_people_lead_a_nomination_to_its_certificate(
    cast: Cast, clerk: Program, secretary: Program, officer: Program
) -> None:
    case = clerk.done("start", flow="outstanding-member", data=nomination(make_member(cast.shicheng)))

    (check,) = clerk.inbox()
    assert (check["step"], check["opinions"]) == ("eligibility", [])
    clerk.done("decide", taskId=check["id"], data=ELIGIBLE)

    (review,) = secretary.inbox()
    assert (review["step"], review["opinions"]) == ("community_review", ["AGREED", "DISAGREED"])
    assert secretary.done("claim", taskId=review["id"])["claimedBy"] == "王芳"
    secretary.done("decide", taskId=review["id"], outcome="AGREED", comment="同意")

    assert officer.inbox() == []
    end_notice(cast)
    (committee,) = officer.inbox()
    assert (committee["step"], committee["tenant"]["slug"]) == ("street_meeting", "shicheng")
    officer.done("decide", taskId=committee["id"], data=meeting())

    end_notice(cast)
    (last,) = officer.inbox()
    assert last["step"] == "decision"
    after = officer.done("decide", taskId=last["id"], data=decision())
    assert (after["process"]["status"], after["process"]["outcome"]) == ("DONE", "APPROVED")

    with inside(cast.shicheng):
        assert Award.objects.get().certificate_number == f"狮城社区{case['number']}"
    seen = clerk.ask(operation("process"), id=case["id"])["process"]
    assert (seen["status"], seen["outcome"], seen["openTasks"]) == ("DONE", "APPROVED", [])
    told = [(entry["actorName"], entry["outcome"]) for entry in seen["timeline"]]
    assert told == [
        ("李敏", "SUBMITTED"),
        ("李敏", "AGREED"),
        ("王芳", "AGREED"),
        (None, None),
        ("赵强", "AGREED"),
        (None, None),
        ("赵强", "SUBMITTED"),
    ]


def test_a_case_sent_back_is_corrected_by_its_applicant_and_comes_again(
    cast: Cast, clerk: Program, secretary: Program, step_id: str
) -> None:
    clerk.done("decide", taskId=step_id, data=ELIGIBLE)
    (review,) = secretary.inbox()
    secretary.done("send-back", taskId=review["id"], comment="请补充事迹。")
    (correction,) = clerk.inbox()
    assert correction["step"] == "revise"
    member = make_member(cast.shicheng, "李四")
    clerk.done("decide", taskId=correction["id"], data=nomination(member, deeds="补充后的事迹。"))
    assert [step["step"] for step in clerk.inbox()] == ["eligibility"]
