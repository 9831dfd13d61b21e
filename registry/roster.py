"""Import a community's member list from a spreadsheet, all of it or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import IO

from django.conf import settings
from django.db import IntegrityError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from registry.errors import ImportConflict, ImportNotAllowed
from registry.identity import IdentityNumber, keyed_hash, mask
from registry.models import Member
from registry.roster_columns import IDENTITY_NUMBER
from registry.roster_report import Problem, Report, Unreadable
from registry.roster_rows import Entry, read_entries
from registry.roster_sheet import read_bytes, read_rows
from tenants import trail
from tenants.actors import Actor
from tenants.models import Role
from tenants.scope import active_scope

__all__ = ["Problem", "Report", "import_roster"]

IMPORTING_ROLES = (Role.COMMUNITY_CLERK, Role.COMMUNITY_SECRETARY)
ROWS_PER_STATEMENT = 5_000


def import_roster(file: IO[bytes], *, actor: Actor | None, skip_bad: bool = False) -> Report:
    """Add the members of an .xlsx file to the list of the tenant whose scope is active.

    Arguments: no `actor` means the system itself, which the command line acts as. With `skip_bad` the good
    rows are written although others are not; without it one problem anywhere means that nothing is.

    Raises ImportNotAllowed, and ImportConflict if somebody else adds the same members meanwhile. What is
    wrong with the file is not raised but reported, all of it at once.
    """
    post = _importing_post(actor)
    try:
        content = read_bytes(file)
        entries = read_entries(read_rows(content), today=timezone.localdate())
    except Unreadable as unreadable:
        return Report(problems=[unreadable.problem])
    _refuse_known(entries)
    problems = [problem for entry in entries for problem in entry.problems]
    good = [entry for entry in entries if not entry.problems]
    if not good or (problems and not skip_bad):
        return Report(problems=problems)
    _add(good)
    changes = {
        "imported": len(good),
        "skipped": len(entries) - len(good),
        "file_sha256": hashlib.sha256(content).hexdigest(),
    }
    trail.record("members.imported", actor=actor, post=post, changes=changes)
    return Report(imported=len(good), problems=problems, written=True)


def _importing_post(actor: Actor | None) -> str:
    """Return the role by which the actor imports, or raise ImportNotAllowed."""
    if actor is None:
        return ""
    tenant_id = active_scope().tenant_id
    for role in IMPORTING_ROLES:
        if actor.holds(tenant_id, role):
            return role.value
    raise ImportNotAllowed


def _refuse_known(entries: Iterable[Entry]) -> None:
    """Refuse the rows of persons who are on the list already."""
    hashes = {_hash(entry.identity) for entry in entries if entry.identity}
    members = Member.objects.filter(id_number_hash__in=hashes)
    known = {member.id_number_hash: member for member in members}
    for entry in entries:
        if entry.identity and (member := known.get(_hash(entry.identity))):
            message = _("%(name)s (%(number)s) is on the list already with this identity number.")
            entry.refuse(IDENTITY_NUMBER, message % {"name": member.name, "number": member.id_number_mask})


def _add(entries: Sequence[Entry]) -> None:
    members = [
        Member(
            **entry.values,
            id_number_hash=_hash(entry.identity),
            id_number_mask=mask(entry.identity.number),
        )
        for entry in entries
        if entry.identity
    ]
    try:
        Member.objects.bulk_create(members, batch_size=ROWS_PER_STATEMENT)
    except IntegrityError as error:  # member_once: they were added after we looked
        raise ImportConflict from error
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise ImportConflict from error
        raise


def _hash(identity: IdentityNumber) -> str:
    return keyed_hash(identity.number, settings.ID_NUMBER_KEY)
