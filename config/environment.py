"""Numbers and switches that the environment may change, refused in words when they cannot be read."""

from __future__ import annotations

import os

from django.core.exceptions import ImproperlyConfigured

_ON, _OFF = ("1", "yes", "on", "true"), ("0", "no", "off", "false")


def number(name: str, default: int, *, least: int = 1) -> int:
    """Return an environment variable as a whole number, or raise ImproperlyConfigured."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or int(text) < least:
        raise ImproperlyConfigured(f"{name}={text!r}: write a whole number, at least {least}.")
    return int(text)


def switch(name: str, *, default: bool) -> bool:
    """Return an environment variable as yes or no, or raise ImproperlyConfigured."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text not in _ON + _OFF:
        raise ImproperlyConfigured(f"{name}={text!r}: write yes or no.")
    return text in _ON
