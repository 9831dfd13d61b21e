"""A case in words: what was entered in it, as labels and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registry.models import Member
from workflows import queries
from workflows.engine.inputs import MemberField
from workflows.engine.steps import data_key
from workflows.models import Outcome, Process, Task


@dataclass(frozen=True)
class Item:
    label: Any
    value: str
    is_long: bool = False


@dataclass(frozen=True)
class Section:
    """What one step's form holds."""

    title: Any
    items: list[Item]


@dataclass(frozen=True)
class Moment:
    """One line of the timeline, with what a page adds to it."""

    entry: queries.Entry
    outcome_label: Any
    period: str


def moments(case: Process) -> list[Moment]:
    """Return the case's timeline in words."""
    return [
        Moment(entry, Outcome(entry.outcome).label if entry.outcome else "", _period(entry.content))
        for entry in queries.timeline(case)
    ]


def _period(content: dict[str, Any]) -> str:
    if "starts_on" not in content or "ends_on" not in content:
        return ""
    return _("%(first)s to %(last)s") % {"first": day(content["starts_on"]), "last": day(content["ends_on"])}


def sections(case: Process, subject: Member | None, steps: Mapping[str, Task]) -> list[Section]:
    """Return what the case holds, form by form, in the order in which its steps were decided."""
    found: dict[str, Section] = {}
    for step in sorted(steps.values(), key=lambda step: step.pk):
        form = getattr(step.flow_task, "form", None)
        if form is None or not form.base_fields:
            continue
        key = data_key(step.flow_task)
        if key in case.data and key not in found:
            found[key] = Section(step.flow_task.task_title, items(form, case.data[key], subject))
    return list(found.values())


def items(form: type[forms.Form], content: dict[str, Any], subject: Member | None = None) -> list[Item]:
    """Return the content of a form as its reader knows it."""
    return [
        Item(field.label, in_words(field, content[name], subject), isinstance(field.widget, forms.Textarea))
        for name, field in form.base_fields.items()
        if content.get(name) not in (None, "")
    ]


def in_words(field: forms.Field, value: Any, subject: Member | None = None) -> str:
    """Return one kept value as text in the reader's language."""
    if isinstance(field, MemberField):
        return member_in_words(subject) if subject is not None and subject.pk == value else str(value)
    if isinstance(field, forms.DateField):
        return day(value)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)


def member_in_words(member: Member) -> str:
    return f"{member.name} · {member.branch}" if member.branch else member.name


def day(text: str) -> str:
    """Return an ISO date as the reader writes dates."""
    return date_format(date.fromisoformat(text), "DATE_FORMAT")
