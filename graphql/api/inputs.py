"""The mutations' inputs, and what they are turned into before an action sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene
from django.utils.translation import gettext as _

from api import enums
from api.scalars import JSON
from workflows.errors import InvalidInput

_TASK_ID = "The step's id."
_DATA = "The form's fields by name: texts, numbers, true or false. What a step asks for is in `Task.fields`."


class InputType(graphene.InputObjectType):  # type: ignore[misc]
    class Meta:
        abstract = True


class StartProcessInput(InputType):
    """A new case at the token's tenant."""

    flow = graphene.String(required=True, description="The flow's code, for example outstanding-member.")
    data = JSON(required=True, description=_DATA)


class DecideInput(InputType):
    """A decision."""

    task_id = graphene.ID(required=True, description=_TASK_ID)
    outcome = enums.Opinion(
        description="The opinion, where the step asks for one; leave it out where the form decides."
    )
    comment = graphene.String(description="What to say; disagreeing needs it.")
    data = JSON(description=_DATA)


class ClaimInput(InputType):
    """A step to claim."""

    task_id = graphene.ID(required=True, description=_TASK_ID)


class ReleaseInput(InputType):
    """A step to release."""

    task_id = graphene.ID(required=True, description=_TASK_ID)


class SendBackInput(InputType):
    """A case to send back to its applicant."""

    task_id = graphene.ID(required=True, description=_TASK_ID)
    comment = graphene.String(required=True, description="Everything that has to be corrected.")


class WithdrawInput(InputType):
    """A case to withdraw."""

    process_id = graphene.ID(required=True, description="The case's id.")
    comment = graphene.String(description="Why.")


def plain_text(name: str, value: str | None) -> str:
    """Return a text that can be stored; raise InvalidInput naming the field otherwise."""
    given = value or ""
    if not _is_storable(given):
        raise InvalidInput({name: [_unstorable()]})
    return given


def form_data(data: Mapping[str, Any] | None) -> dict[str, str]:
    """Return an object as a form takes it: texts by field; null is the same as leaving the field out.

    A form's fields expect what a browser sends, so numbers become texts; nested values are refused here.
    """
    values: dict[str, str] = {}
    problems: dict[str, list[str]] = {}
    for name, value in (data or {}).items():
        if value is None:
            continue
        if not isinstance(value, str | int | float):
            problems[name] = [_("Give a text, a number, true or false.")]
        elif not _is_storable(str(value)):
            problems[name] = [_unstorable()]
        else:
            values[name] = str(value)
    if problems:
        raise InvalidInput(problems)
    return values


def _is_storable(value: str) -> bool:
    """Tell whether PostgreSQL can keep the text: it knows neither NUL nor half of a surrogate pair."""
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value)


def _unstorable() -> str:
    return _("This text holds a character that cannot be stored.")
