"""The award nomination from its first form to the certificate, and every way it can end or be refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from registry.models import Award, Member
from tests.cast import Cast, inside, make_member, nomination
from tests.workflows.steps import FLOW, Walk
from workflows.actions.start import start
from workflows.errors import InvalidInput
from workflows.models import Process


def test_a_nomination_walks_to_its_certificate(cast: Cast) -> None:
    walk = Walk(cast)
    assert walk.waiting_at() == ["eligibility"]
    assert walk.check().waiting_at() == ["community_review"]
    assert walk.review().waiting_at() == ["community_notice"]
    assert walk.pass_notice().waiting_at() == ["street_meeting"]
    assert walk.meet().waiting_at() == ["street_notice"]
    assert walk.pass_notice().waiting_at() == ["decision"]
    assert walk.award().waiting_at() == []
    case = walk.case()
    assert (case.status, case.outcome) == ("DONE", "approved")
    with inside(cast.shicheng):
        award = Award.objects.get()
    assert (award.member_id, award.certificate_number) == (walk.member.pk, f"狮城社区{case.number}")


def test_the_case_keeps_the_parameters_it_was_accepted_under(cast: Cast) -> None:
    assert Walk(cast).case().parameters["notice.days_award"] == 5


def test_an_unfit_nominee_ends_the_case_without_an_award(cast: Cast) -> None:
    walk = Walk(cast).check(discipline="yes")
    assert (walk.waiting_at(), walk.case().outcome) == ([], "rejected")
    with inside(cast.shicheng):
        assert not Award.objects.exists()


def test_the_community_can_disagree_and_the_case_ends(cast: Cast) -> None:
    walk = Walk(cast).check().review("disagreed", "材料与事实不符")
    assert (walk.waiting_at(), walk.case().outcome) == ([], "rejected")


def test_disagreeing_needs_a_reason(cast: Cast) -> None:
    walk = Walk(cast).check()
    with pytest.raises(InvalidInput) as refusal:
        walk.review("disagreed")
    assert list(refusal.value.fields) == ["comment"]
    assert walk.waiting_at() == ["community_review"]


def test_a_meeting_without_a_majority_ends_the_case(cast: Cast) -> None:
    walk = Walk(cast).to_meeting().meet(votes_for=3, votes_against=4, abstained=0)
    assert (walk.waiting_at(), walk.case().outcome) == ([], "rejected")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("present", {"present": 21}),
        ("votes_for", {"present": 15, "votes_for": 16}),
        ("votes_for", {"votes_for": 10}),
        ("held_on", {"held_on": "2999-01-01"}),
        ("held_on", {"held_on": "yesterday"}),
        ("due", {"due": 0}),
        ("summary", {"summary": "好" * 201}),
        ("deeds", {"deeds": ""}),
        ("member", {"member": 999_999}),
    ],
)
def test_a_bad_nomination_is_refused_by_field_and_writes_nothing(
    cast: Cast, field: str, changes: dict[str, object]
) -> None:
    member = make_member(cast.shicheng)
    clerk = cast.actor("li_min")
    with pytest.raises(InvalidInput) as refusal, inside(cast.shicheng):
        start(FLOW, actor=clerk, data={**nomination(member), **changes})
    assert list(refusal.value.fields) == [field]
    with inside(cast.shicheng):
        assert not Process.objects.exists()
        assert start(FLOW, actor=clerk, data=nomination(member)).number.endswith("-0001")


def test_a_member_of_another_community_is_a_missing_member(cast: Cast) -> None:
    foreign = make_member(cast.dongshanbei)
    clerk = cast.actor("li_min")
    refusals = []
    for member_id in (foreign.pk, 999_999):
        with pytest.raises(InvalidInput) as refusal, inside(cast.shicheng):
            start(FLOW, actor=clerk, data={**nomination(foreign), "member": member_id})
        refusals.append(refusal.value.fields)
    assert refusals[0] == refusals[1]


def test_a_member_who_belongs_elsewhere_is_nominated_there(cast: Cast) -> None:
    resident = make_member(cast.shicheng, home_organisation="江城电机厂党委")
    clerk = cast.actor("li_min")
    with pytest.raises(InvalidInput) as refusal, inside(cast.shicheng):
        start(FLOW, actor=clerk, data=nomination(resident))
    assert list(refusal.value.fields) == ["member"]


def test_no_more_than_the_share_can_be_nominated_in_a_year(cast: Cast) -> None:
    with inside(cast.shicheng):
        members = [make_one(n) for n in range(40)]  # 5 % of 40 full members are 2
    clerk = cast.actor("li_min")
    for member in members[:2]:
        with inside(cast.shicheng):
            start(FLOW, actor=clerk, data=nomination(member))
    with pytest.raises(InvalidInput) as refusal, inside(cast.shicheng):
        start(FLOW, actor=clerk, data=nomination(members[2]))
    assert list(refusal.value.fields) == ["member"]
    with inside(cast.shicheng):
        assert Process.objects.count() == 2


def test_nobody_is_nominated_twice_in_a_year(cast: Cast) -> None:
    with inside(cast.shicheng):
        members = [make_one(n) for n in range(40)]
    walk = Walk(cast, members[0])
    with pytest.raises(InvalidInput) as refusal, inside(cast.shicheng):
        start(FLOW, actor=walk.clerk, data=nomination(members[0]))
    assert list(refusal.value.fields) == ["member"]


def test_a_refused_nomination_no_longer_counts(cast: Cast) -> None:
    walk = Walk(cast).check(discipline="yes")
    other = make_member(cast.shicheng, "李四")
    with inside(cast.shicheng):
        assert start(FLOW, actor=walk.clerk, data=nomination(other)).is_open


def test_the_meeting_cannot_be_dated_before_the_notice_ends(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    with pytest.raises(InvalidInput) as refusal:
        walk.meet(held_on=yesterday)
    assert list(refusal.value.fields) == ["held_on"]
    assert walk.waiting_at() == ["street_meeting"]


def test_the_ballots_of_the_meeting_add_up(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    with pytest.raises(InvalidInput) as refusal:
        walk.meet(votes_for=7, votes_against=1)
    assert list(refusal.value.fields) == ["present"]


def test_the_decision_cannot_be_dated_before_the_street_notice_ends(cast: Cast) -> None:
    walk = Walk(cast).to_decision()
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    with pytest.raises(InvalidInput) as refusal:
        walk.award(decided_on=yesterday)
    assert list(refusal.value.fields) == ["decided_on"]
    with inside(cast.shicheng):
        assert not Award.objects.exists()


def make_one(number: int) -> Member:
    member: Member = Member.objects.create(
        name=f"党员{number}",
        gender="male",
        ethnicity="汉族",
        birth_date="1970-01-01",
        standing="full",
        joined_on="1995-07-01",
        id_number_hash=f"hash-{number}",
        id_number_mask="110***********123X",
    )
    return member
