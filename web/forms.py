"""How forms look: one renderer for every field, the choices that only a page can offer, a file to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows import queries
from workflows.engine.inputs import MemberField

AnyForm = TypeVar("AnyForm", bound=forms.Form)

LARGEST_IMPORT = 5 * 1024 * 1024


class FieldRenderer(TemplatesSetting):
    """Draw a field with its label, help, problem and box (templates/forms/field.html)."""

    field_template_name = "forms/field.html"


@dataclass(frozen=True)
class Problem:
    """One line of the summary of problems; `anchor` is the id of the field it leads to."""

    anchor: str
    message: str


def prepared(form: AnyForm) -> AnyForm:
    """Make a step's form ready for a page: name what is missing, say how long texts may be, offer members."""
    for field in form.fields.values():
        field.error_messages["required"] = _("Fill in “%(field)s”.") % {"field": field.label}
        if isinstance(field.widget, forms.Textarea) and (limit := field.widget.attrs.get("maxlength")):
            field.help_text = field.help_text or _("At most %(limit)s characters.") % {"limit": limit}
        if isinstance(field, MemberField):
            _offer_members(field)
    return form


def _offer_members(field: MemberField) -> None:
    members = queries.own_full_members().values_list("id", "name", "branch")
    choices = [(pk, f"{name} · {branch}" if branch else name) for pk, name, branch in members]
    field.widget = forms.Select(
        choices=[("", _("Choose a member")), *choices],
        attrs={"data-filter": _("Type part of a name to shorten the list")},
    )
    field.widget.is_required = field.required


def problems_of(form: forms.Form, others: dict[str, list[str]] | None = None) -> list[Problem]:
    """Return the form's problems in its fields' order, then those of fields that stand beside it."""
    own = [
        Problem(form[name].auto_id, _with_label(str(form[name].label), str(message)))
        for name in form.fields
        for message in form.errors.get(name, [])
    ]
    whole = [Problem("", str(message)) for message in form.non_field_errors()]
    beside = [
        Problem(f"id_{name}", message)
        for name, messages in (others or {}).items()
        if name not in form.fields
        for message in messages
    ]
    return own + whole + beside


def _with_label(label: str, message: str) -> str:
    """Return a problem so that it can be understood away from its field."""
    if label in message:
        return message
    return _("%(field)s: %(problem)s") % {"field": label, "problem": message}


class ImportForm(forms.Form):
    """A member list to import."""

    file = forms.FileField(
        label=gettext_lazy("Member list (.xlsx)"),
        help_text=gettext_lazy("One member a row, column titles in the first row; at most 5 MB."),
        widget=forms.FileInput(
            attrs={"accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        ),
    )
    skip_bad = forms.BooleanField(
        label=gettext_lazy("Skip bad rows and import the others"),
        help_text=gettext_lazy("Otherwise nothing is written as long as one row is wrong."),
        required=False,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_IMPORT:
            raise ValidationError(_("The file is larger than 5 MB."))
        return file
