"""The courses that grown cases have taken through the award's flow, and what was entered on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Field, Model

from tenants.models import Role
from workflows.flows import FLOWS
from workflows.models import Outcome, Process, Task

FLOW = FLOWS["outstanding-member"]

WHOLE = (
    *("start", "eligibility", "is_eligible", "community_review", "community_agrees", "community_notice"),
    *("street_meeting", "meeting_agrees", "street_notice", "decision", "award", "approved"),
)
AGREED, DISAGREED, SUBMITTED, RETURNED = (
    Outcome.AGREED.value,
    Outcome.DISAGREED.value,
    Outcome.SUBMITTED.value,
    Outcome.RETURNED.value,
)


@dataclass(frozen=True)
class Course:
    """The steps of a case in order; `share` counts among the open or among the ended cases."""

    share: int
    steps: tuple[str, ...]
    waits: str = ""
    """The state of the last step of a case that is open: NEW, or SCHEDULED for a notice."""
    outcome: str = ""
    refused_at: str = ""
    returned_at: str = ""

    @property
    def recent(self) -> timedelta:
        """How long ago, at most, the last step began."""
        spans = {"NEW": timedelta(days=30), "SCHEDULED": timedelta(days=6)}
        return spans.get(self.waits, timedelta(days=3 * 365))


COURSES = (
    Course(80, WHOLE, outcome=Outcome.APPROVED.value),
    Course(12, (*WHOLE[:3], "rejected"), outcome=Outcome.REJECTED.value, refused_at="eligibility"),
    Course(8, (*WHOLE[:5], "rejected"), outcome=Outcome.REJECTED.value, refused_at="community_review"),
    Course(30, WHOLE[:2], waits="NEW"),
    Course(25, WHOLE[:4], waits="NEW"),
    Course(10, WHOLE[:6], waits="SCHEDULED"),
    Course(15, WHOLE[:7], waits="NEW"),
    Course(5, WHOLE[:9], waits="SCHEDULED"),
    Course(10, WHOLE[:10], waits="NEW"),
    Course(5, (*WHOLE[:2], "revise"), waits="NEW", returned_at="eligibility"),
)


@dataclass(frozen=True)
class Step:
    """One step of a course; `opens` and `closes` count from the start of its case."""

    course: int
    n: int
    flow_task: str
    kind: str
    role: str
    """The post that it is offered to; "applicant" for the person who started the case; empty for none."""
    key: str
    """Where its input is kept in the case's data; empty for a step that asks nobody."""
    status: str
    outcome: str
    opens: timedelta
    closes: timedelta | None


ROLES = {
    "start": Role.COMMUNITY_CLERK.value,
    "revise": "applicant",
    "eligibility": Role.COMMUNITY_CLERK.value,
    "community_review": Role.COMMUNITY_SECRETARY.value,
    "street_meeting": Role.STREET_OFFICER.value,
    "decision": Role.STREET_OFFICER.value,
}
KEYS = {**{name: name for name in ROLES}, "start": "nomination", "revise": "nomination"}
LASTS = {
    "eligibility": timedelta(days=1),
    "community_review": timedelta(days=2),
    "community_notice": timedelta(days=8),
    "street_meeting": timedelta(days=3),
    "street_notice": timedelta(days=8),
    "decision": timedelta(days=2),
}
VOTES = ("eligibility", "community_review", "street_meeting")
TICK = timedelta(milliseconds=1)


def steps(number: int) -> Iterator[Step]:
    """Return the steps of the course with this number."""
    course, clock = COURSES[number], timedelta()
    for n, name in enumerate(course.steps, start=1):
        node = FLOW.instance.node(name)
        is_open = bool(course.waits) and n == len(course.steps)
        opens = clock + TICK
        clock = opens + LASTS.get(name, timedelta())
        status = "CANCELED" if name == course.returned_at else "DONE"
        yield Step(
            course=number,
            n=n,
            flow_task=_stored(Task, "flow_task", node),
            kind=str(node.task_type),
            role=ROLES.get(name, ""),
            key=KEYS.get(name, ""),
            status=course.waits if is_open else status,
            outcome="" if is_open else _outcome(course, name),
            opens=opens,
            closes=None if is_open else clock,
        )


def stored_flow() -> str:
    """Return how a case's row names the flow."""
    return _stored(Process, "flow_class", FLOW)


def _stored(model: type[Model], field: str, value: Any) -> str:
    found = model._meta.get_field(field)
    assert isinstance(found, Field)
    return str(found.get_prep_value(value))


def _outcome(course: Course, name: str) -> str:
    if name not in ROLES:
        return ""
    if name == course.returned_at:
        return RETURNED
    if name == course.refused_at:
        return DISAGREED
    return AGREED if name in VOTES else SUBMITTED
