"""The enums, written by hand: the API does not change because a model's choices do."""

from __future__ import annotations

import graphene


class Role(graphene.Enum):  # type: ignore[misc]
    """What a post is."""

    COMMUNITY_CLERK = "community_clerk"
    COMMUNITY_SECRETARY = "community_secretary"
    STREET_OFFICER = "street_officer"
    STREET_LEADER = "street_leader"
    DISTRICT_REVIEWER = "district_reviewer"
    TENANT_ADMIN = "tenant_admin"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"
    PRIVACY_OFFICER = "privacy_officer"


class ProcessStatus(graphene.Enum):  # type: ignore[misc]
    """Whether a case goes on."""

    OPEN = "NEW"
    DONE = "DONE"
    CANCELED = "CANCELED"


class Outcome(graphene.Enum):  # type: ignore[misc]
    """How a case ended, or how a step was decided."""

    SUBMITTED = "submitted"
    AGREED = "agreed"
    DISAGREED = "disagreed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    APPROVED = "approved"
    REJECTED = "rejected"


class Opinion(graphene.Enum):  # type: ignore[misc]
    """What a step that asks for an opinion can be decided with."""

    AGREED = "agreed"
    DISAGREED = "disagreed"


class StepState(graphene.Enum):  # type: ignore[misc]
    """How far a step is: open for a person, waiting for a date, done, or closed undone."""

    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"
    CLOSED = "closed"


class Action(graphene.Enum):  # type: ignore[misc]
    """What the caller may do with a step now; each is a mutation."""

    CLAIM = "claim"
    RELEASE = "release"
    DECIDE = "decide"
    SEND_BACK = "send_back"


class FieldType(graphene.Enum):  # type: ignore[misc]
    """What a form's field takes: DATE as YYYY-MM-DD, MEMBER as the number of a member of the community."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"
    MEMBER = "member"


class ErrorCode(graphene.Enum):  # type: ignore[misc]
    """Why a mutation was refused; nothing was changed."""

    REFUSED = "REFUSED"
    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
    STEP_CLOSED = "STEP_CLOSED"
    STEP_CLAIMED = "STEP_CLAIMED"
    CASE_BUSY = "CASE_BUSY"
    INVALID_INPUT = "INVALID_INPUT"
