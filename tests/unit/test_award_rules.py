"""The award's rules, over all numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflows.rules.award import (
    MeetingRecord,
    Nomination,
    Wrong,
    check_decision_date,
    check_meeting,
    check_nomination,
    meeting_passes,
    nomination_limit,
)

SOUND = Nomination(
    due=20,
    present=18,
    votes_for=16,
    member_is_full=True,
    member_belongs_here=True,
    member_already_nominated=False,
    full_members=100,
    nominated=0,
    max_share=5,
    pass_percent=50,
)
heads = st.integers(0, 500)


def test_a_sound_nomination_has_no_problems() -> None:
    assert check_nomination(SOUND) == {}


@given(due=st.integers(1, 500), present=heads, votes_for=heads)
def test_a_vote_holds_exactly_if_more_than_half_of_those_due_voted_for_it(
    due: int, present: int, votes_for: int
) -> None:
    holds = check_nomination(replace(SOUND, due=due, present=present, votes_for=votes_for)) == {}
    assert holds == (votes_for <= present <= due and votes_for * 2 > due)


@given(due=st.integers(1, 500), present=heads, votes_for=heads)
def test_the_majority_that_is_asked_for_is_the_smallest_that_is_enough(
    due: int, present: int, votes_for: int
) -> None:
    problem = check_nomination(replace(SOUND, due=due, present=present, votes_for=votes_for)).get("votes_for")
    if problem and problem.wrong is Wrong.NO_MAJORITY_OF_DUE:
        needed = problem.details["needed"]
        enough = replace(SOUND, due=due, present=due, votes_for=needed)
        assert check_nomination(enough) == {}
        assert check_nomination(replace(enough, votes_for=needed - 1)) != {}


@given(full_members=st.integers(0, 5000), share=st.integers(1, 10))
def test_the_limit_is_at_least_one_and_otherwise_within_the_share(full_members: int, share: int) -> None:
    limit = nomination_limit(full_members, share)
    assert limit >= 1
    assert limit == 1 or limit * 100 <= full_members * share


@given(nominated=st.integers(0, 50), full_members=st.integers(0, 500))
def test_nominations_stop_at_the_limit(nominated: int, full_members: int) -> None:
    problems = check_nomination(replace(SOUND, nominated=nominated, full_members=full_members))
    assert ("member" in problems) == (nominated >= nomination_limit(full_members, 5))


def test_each_reason_against_a_member_is_named() -> None:
    for change, wrong in (
        ({"member_is_full": False}, Wrong.NOT_FULL_MEMBER),
        ({"member_belongs_here": False}, Wrong.NOT_OF_THIS_COMMUNITY),
        ({"member_already_nominated": True}, Wrong.ALREADY_NOMINATED),
        ({"nominated": 5}, Wrong.SHARE_EXCEEDED),
    ):
        assert check_nomination(replace(SOUND, **change))["member"].wrong is wrong


days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@given(today=days, offset=st.integers(-400, 400), notice=days)
def test_a_date_is_accepted_exactly_after_the_notice_and_not_after_today(
    today: date, offset: int, notice: date
) -> None:
    day = today + timedelta(days=offset)
    accepted = check_decision_date(day, today=today, notice_ends_on=notice) is None
    assert accepted == (notice < day <= today)


@given(present=st.integers(1, 100), votes=st.tuples(heads, heads, heads))
def test_ballots_are_accepted_exactly_if_they_add_up(present: int, votes: tuple[int, int, int]) -> None:
    record = MeetingRecord(
        held_on=date(2026, 6, 2),
        present=present,
        votes_for=votes[0],
        votes_against=votes[1],
        abstained=votes[2],
    )
    problems = check_meeting(record, today=date(2026, 6, 3), notice_ends_on=date(2026, 6, 1))
    assert ("present" in problems) == (sum(votes) != present)
    assert meeting_passes(record, 50) == (votes[0] * 2 > present)
