"""What templates need beyond Django's own."""

from __future__ import annotations

from django import forms, template
from django.forms import BoundField
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from tenants.models import Role
from tenants.request_id import current_request_id

register = template.Library()

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
)


@register.filter
def styled(field: BoundField) -> SafeString:
    """Draw a field's box with Bootstrap's classes."""
    kind = next((name for widget, name in _CLASSES if isinstance(field.field.widget, widget)), "form-control")
    return field.as_widget(attrs={"class": f"{kind} is-invalid" if field.errors else kind})


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def paragraphs(text: str) -> SafeString:
    """Return each line of a text as a paragraph, as official papers set them."""
    lines = [line.strip() for line in str(text).splitlines()]
    return format_html_join("", "<p>{}</p>", ((line,) for line in lines if line))


@register.filter
def post_name(role: str) -> str:
    """Return a post's name in the reader's language."""
    return str(Role(role).label) if role else ""


@register.simple_tag
def request_id() -> str:
    return current_request_id()
