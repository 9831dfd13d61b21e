"""Import a community's member list from a spreadsheet, all of it or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import IO

from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from registry.errors import ImportConflict, ImportNotAllowed
from registry.identity import keyed_hash, mask
from registry.models import Member
from registry.roster_columns import IDENTITY_NUMBER
from registry.roster_report import Problem, Report
from registry.roster_rows import Entry, read_entries
from registry.roster_sheet import Unreadable, read_bytes, read_sheet
from tenants.actors import Actor
from tenants.models import Role
from tenants.scope import active_scope
from tenants.trail import record

__all__ = ["Problem", "Report", "import_roster"]

IMPORTING_ROLES = (Role.COMMUNITY_CLERK, Role.COMMUNITY_SECRETARY)
ROWS_PER_STATEMENT = 5_000


def import_roster(file: IO[bytes], *, actor: Actor | None, skip_bad: bool = False) -> Report:
    """Add the members of an .xlsx file to the list of the tenant whose scope is active.

    Arguments: no `actor` means the system itself, which the command line acts as; with `skip_bad` the rows
    that hold are written although others do not. Without it one problem anywhere means nothing is written.

    Raises ImportNotAllowed, and ImportConflict when somebody else writes the same members meanwhile; a file
    that cannot be read or does not hold is no exception but a report with problems.
    """
    post = _importing_post(actor)
    try:
        content = read_bytes(file)
        sheet = read_sheet(content)
    except Unreadable as unreadable:
        return Report(problems=[unreadable.problem])
    today = timezone.localdate()
    entries = read_entries(sheet, today=today)
    ...
