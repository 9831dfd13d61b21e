"""What a password must be, beyond Django's own rules."""

from __future__ import annotations

import unicodedata

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tenants.models import User
from tenants.password_history import was_used_lately


class LongEnough:
    """Demand so many characters; Django's own rule has no Chinese words for it."""

    def __init__(self, least: int = 10) -> None:
        self.least = least

    def validate(self, password: str, user: User | AnonymousUser | None = None) -> None:
        if len(password) < self.least:
            raise ValidationError(self.get_help_text(), code="password_too_short")

    def get_help_text(self) -> str:
        return _("Use at least %(count)s characters.") % {"count": self.least}


class EnoughClasses:
    """Demand characters of several classes: small letters, capital letters, digits, everything else."""

    def __init__(self, least: int = 3) -> None:
        self.least = least

    def validate(self, password: str, user: User | AnonymousUser | None = None) -> None:
        if len({_class_of(character) for character in password}) < self.least:
            raise ValidationError(self.get_help_text(), code="password_too_simple")

    def get_help_text(self) -> str:
        text = _("Use at least %(count)s of these: small letters, capital letters, digits, other characters.")
        return text % {"count": self.least}


class NotUsedLately:
    """Refuse the password that the person has, and those before it."""

    def validate(self, password: str, user: User | AnonymousUser | None = None) -> None:
        if isinstance(user, User) and user.pk is not None and was_used_lately(user, password):
            raise ValidationError(self.get_help_text(), code="password_used_lately")

    def get_help_text(self) -> str:
        return _("Choose a password that you have not used lately.")


def _class_of(character: str) -> str:
    category = unicodedata.category(character)
    return category if category in ("Ll", "Lu", "Nd") else "other"
