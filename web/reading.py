"""A case in words: what was entered in it, as labels and values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format

from registry.models import Member
from workflows.engine.inputs import MemberField
from workflows.engine.steps import data_key
from workflows.models import Process


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


def sections(case: Process, subject: Member | None) -> list[Section]:
    """Return what the case holds, form by form, in the order of its flow."""
    found: dict[str, Section] = {}
    for node in case.flow_class.instance.nodes():
        form = getattr(node, "form", None)
        if form is None or not form.base_fields:
            continue
        key = data_key(node)
        if key in case.data and (key not in found or node.name == "start"):
            found[key] = Section(node.task_title, items(form, case.data[key], subject))
    # Data is kept in the order in which the steps were decided.
    return [found[key] for key in case.data if key in found]


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
