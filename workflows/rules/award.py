"""Rules of the award nomination for outstanding community members (社区优秀党员).

Each check returns the problems it found as `field → Problem`; an empty mapping means the input holds.
The facts and `today` are passed in; nothing here reads a clock or a database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Wrong(StrEnum):
    """What can be wrong; the edges put each into words."""

    NOT_FULL_MEMBER = "not_full_member"
    NOT_OF_THIS_COMMUNITY = "not_of_this_community"
    ALREADY_NOMINATED = "already_nominated"
    SHARE_EXCEEDED = "share_exceeded"
    PRESENT_ABOVE_DUE = "present_above_due"
    VOTES_ABOVE_PRESENT = "votes_above_present"
    NO_MAJORITY_OF_DUE = "no_majority_of_due"
    BALLOTS_DO_NOT_ADD_UP = "ballots_do_not_add_up"
    IN_THE_FUTURE = "in_the_future"
    BEFORE_NOTICE_ENDS = "before_notice_ends"
    BEFORE_MEETING = "before_meeting"


@dataclass(frozen=True)
class Problem:
    wrong: Wrong
    details: Mapping[str, object] = field(default_factory=dict)


Problems = dict[str, Problem]


@dataclass(frozen=True, kw_only=True)
class Nomination:
    """A branch assembly's nomination and the facts it is checked against.

    `due`, `present` and `votes_for` are heads; `full_members` and `nominated` count the community's own
    full members and its nominations of the year before this one; `max_share` is in percent.
    """

    due: int
    present: int
    votes_for: int
    member_is_full: bool
    member_belongs_here: bool
    member_already_nominated: bool
    full_members: int
    nominated: int
    max_share: int
    pass_percent: int


def nomination_limit(full_members: int, max_share: int) -> int:
    """Return how many may be nominated in a year: the share rounded down, and at least one."""
    return max(1, full_members * max_share // 100)


def check_nomination(nomination: Nomination) -> Problems:
    """Check who is nominated and how the assembly voted.

    Sources: only full members can be outstanding members; a resolution needs more than half of the full
    members due to attend (支部工作条例); the share of nominees is the community's parameter.
    """
    return {**_check_member(nomination), **_check_votes(nomination)}


def _check_member(n: Nomination) -> Problems:
    if not n.member_is_full:
        return {"member": Problem(Wrong.NOT_FULL_MEMBER)}
    if not n.member_belongs_here:
        return {"member": Problem(Wrong.NOT_OF_THIS_COMMUNITY)}
    if n.member_already_nominated:
        return {"member": Problem(Wrong.ALREADY_NOMINATED)}
    limit = nomination_limit(n.full_members, n.max_share)
    if n.nominated >= limit:
        details = {"limit": limit, "share": n.max_share, "full_members": n.full_members}
        return {"member": Problem(Wrong.SHARE_EXCEEDED, details)}
    return {}


def _check_votes(n: Nomination) -> Problems:
    problems: Problems = {}
    if n.present > n.due:
        problems["present"] = Problem(Wrong.PRESENT_ABOVE_DUE, {"due": n.due})
    if n.votes_for > n.present:
        problems["votes_for"] = Problem(Wrong.VOTES_ABOVE_PRESENT, {"present": n.present})
    elif n.votes_for * 100 <= n.due * n.pass_percent:
        needed = n.due * n.pass_percent // 100 + 1
        problems["votes_for"] = Problem(Wrong.NO_MAJORITY_OF_DUE, {"needed": needed, "due": n.due})
    return problems


@dataclass(frozen=True, kw_only=True)
class MeetingRecord:
    """A working committee's vote; counts are heads."""

    held_on: date
    present: int
    votes_for: int
    votes_against: int
    abstained: int


def check_meeting(record: MeetingRecord, *, today: date, notice_ends_on: date) -> Problems:
    """Check a meeting's date and ballots: nothing is decided before the public notice has ended."""
    problems: Problems = {}
    if record.votes_for + record.votes_against + record.abstained != record.present:
        problems["present"] = Problem(Wrong.BALLOTS_DO_NOT_ADD_UP)
    if held := check_decision_date(record.held_on, today=today, notice_ends_on=notice_ends_on):
        problems["held_on"] = held
    return problems


def check_decision_date(day: date, *, today: date, notice_ends_on: date) -> Problem | None:
    """Check a date on which something was decided after a notice."""
    if day > today:
        return Problem(Wrong.IN_THE_FUTURE, {"today": today})
    if day <= notice_ends_on:
        return Problem(Wrong.BEFORE_NOTICE_ENDS, {"ends_on": notice_ends_on})
    return None


def meeting_passes(record: MeetingRecord, pass_percent: int) -> bool:
    """Tell whether more than `pass_percent` of those present voted for it."""
    return record.votes_for * 100 > record.present * pass_percent
