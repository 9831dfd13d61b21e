"""Unpack a member list that a stranger may have made, in bounded time and memory."""

from __future__ import annotations

from io import BytesIO

from django.utils.translation import gettext as _

from registry.roster_report import Unreadable
from tenants import workbook
from tenants.workbook import MAX_UNPACKED_BYTES

__all__ = ["MAX_UNPACKED_BYTES", "damaged", "repack"]


def repack(content: bytes) -> BytesIO:
    """Return the workbook with its XML parts checked and packed again, or raise Unreadable."""
    try:
        return workbook.repack(content)
    except workbook.TooMuch as too_much:
        raise Unreadable(_("The file unpacks to more than a member list can hold.")) from too_much
    except workbook.Unreadable as unreadable:
        raise Unreadable(str(unreadable)) from unreadable


def damaged() -> Unreadable:
    return Unreadable(str(workbook.damaged()))
