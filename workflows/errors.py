"""Why an action was refused. Each class is one cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from tenants.refusals import Refused

__all__ = [
    "CaseBusy",
    "InvalidInput",
    "NotAllowed",
    "NotFound",
    "Refused",
    "StepClaimed",
    "StepClosed",
]


class NotFound(Refused):
    """There is no such case or step, or it is not yours to see."""

    code = "NOT_FOUND"
    status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such page, or it is not open to you."))


class NotAllowed(Refused):
    """The person may see this but not do that; the reason says which rule decides."""

    code = "NOT_ALLOWED"
    status = 403


class StepClosed(Refused):
    """Somebody else, or a timer, has closed the step in the meantime."""

    code = "STEP_CLOSED"
    status = 409

    def __init__(self, closed_by: str = "") -> None:
        message = (
            _("This step has already been handled by %(name)s. Nothing was changed.") % {"name": closed_by}
            if closed_by
            else _("This step is no longer open. Nothing was changed.")
        )
        super().__init__(message)


class StepClaimed(Refused):
    """Another holder of the post has claimed the step."""

    code = "STEP_CLAIMED"
    status = 409

    def __init__(self, owner: str) -> None:
        super().__init__(_("%(name)s has claimed this step and is working on it.") % {"name": owner})


class CaseBusy(Refused):
    """The case was locked by somebody else for too long."""

    code = "CASE_BUSY"
    status = 409

    def __init__(self) -> None:
        super().__init__(_("Somebody else is changing this case right now. Please try again in a moment."))


class InvalidInput(Refused):
    """What was entered cannot be accepted; `fields` names each field and what is wrong with it."""

    code = "INVALID_INPUT"
    status = 422

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self.fields = {name: list(problems) for name, problems in fields.items()}
        super().__init__(" ".join(problem for problems in self.fields.values() for problem in problems))
