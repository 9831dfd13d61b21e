"""First passwords: made here, shown once, to be changed by their owner."""

from __future__ import annotations

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tenants.errors import InvalidEntry
from tenants.models import User

_GROUPS = ("abcdefghijkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789")
"""Without the characters that are mistaken for each other on paper."""

LENGTH = 14


def new_password() -> str:
    """Return a random password with small and capital letters and digits, about 80 bits."""
    while True:
        password = "".join(secrets.choice("".join(_GROUPS)) for _ in range(LENGTH))
        if all(set(password) & set(group) for group in _GROUPS):
            return password


def checked_password(password: str, user: User) -> str:
    """Return the password if it is good enough for the person, or raise InvalidEntry."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidEntry("password", " ".join(error.messages)) from error
    return password
