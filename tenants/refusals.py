"""The root of everything that an action can be refused for; the edges map it once.

`code` is for machines, `status` is the HTTP meaning, the message is for the person who acted.
"""

from __future__ import annotations


class Refused(Exception):
    """An action was refused; nothing was changed."""

    code = "REFUSED"
    status = 400

    @property
    def message(self) -> str:
        return str(self)
