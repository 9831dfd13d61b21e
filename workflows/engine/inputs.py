"""What a step asks for: a form that checks itself against the case, for both edges alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.serializers.json import DjangoJSONEncoder

from workflows.errors import InvalidInput
from workflows.models import Outcome, Process


class MemberField(forms.IntegerField):
    """A member of the community, by id; a page offers them for choice."""


class StepInput(forms.Form):
    """The base of every step's form.

    Arguments: `case` is the case the step belongs to (unsaved while it is being started), `today` the
    date in the tenant's time zone.
    """

    key: ClassVar[str] = ""
    """Where the input is kept in the case's data; empty means the step's own name."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, case: Process, today: date, **kwargs: Any
    ) -> None:
        self.case = case
        self.today = today
        super().__init__(data, **kwargs)

    def outcome(self) -> Outcome:
        """Return what the valid input decides; recording something is submitting it."""
        return Outcome.SUBMITTED

    def content(self) -> dict[str, Any]:
        """Return the valid input as the case keeps it; dates and numbers become JSON."""
        content: dict[str, Any] = json.loads(json.dumps(self.cleaned_data, cls=DjangoJSONEncoder))
        return content

    def accepted(self) -> StepInput:
        """Return the form if it is valid; raise InvalidInput naming the fields otherwise."""
        if not self.is_valid():
            raise InvalidInput({name: list(map(str, found)) for name, found in self.errors.items()})
        return self


class Nothing(StepInput):
    """A step that asks for no fields, only for a decision."""
