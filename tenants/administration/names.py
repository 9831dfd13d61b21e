"""Names, addresses and user names: what they may look like."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

from tenants.errors import InvalidEntry

NAME_LENGTH = 100
SLUG_LENGTH = 50
USERNAME_LENGTH = 150

RESERVED = frozenset(
    {
        *("accounts", "admin", "administration", "api", "graphql", "healthz", "i18n", "language"),
        *("login", "logout", "places", "readyz", "static"),
    }
)
"""First words of addresses that belong to the site itself."""

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Co", "Cn")


def checked_name(text: str, field: str = "name") -> str:
    """Return a name of a tenant or a person with single spaces, or raise InvalidEntry."""
    name = " ".join(text.split())
    if not name:
        raise InvalidEntry(field, _("This is missing."))
    if len(name) > NAME_LENGTH:
        raise InvalidEntry(field, _("The text is longer than %(limit)s characters.") % {"limit": NAME_LENGTH})
    if any(unicodedata.category(character) in _UNPRINTABLE for character in name):
        raise InvalidEntry(field, _("There is a control character in the text."))
    return name


def checked_slug(text: str, field: str = "slug") -> str:
    """Return the word that stands for a tenant in addresses, or raise InvalidEntry."""
    slug = text.strip()
    if not slug:
        raise InvalidEntry(field, _("This is missing."))
    if len(slug) > SLUG_LENGTH or not _SLUG.fullmatch(slug):
        message = _("Use small letters a to z, digits and hyphens between them, at most %(limit)s.")
        raise InvalidEntry(field, message % {"limit": SLUG_LENGTH})
    if slug in RESERVED:
        raise InvalidEntry(field, _("“%(slug)s” is taken by the site itself.") % {"slug": slug})
    return slug


def checked_username(text: str, field: str = "username") -> str:
    """Return a user name, or raise InvalidEntry."""
    username = text.strip()
    if not username:
        raise InvalidEntry(field, _("This is missing."))
    if len(username) > USERNAME_LENGTH or not _USERNAME.fullmatch(username):
        raise InvalidEntry(
            field, _("Use letters a to z, digits and . _ - @ +, beginning with a letter or digit.")
        )
    return username
