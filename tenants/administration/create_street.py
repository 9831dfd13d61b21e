"""Create a street with its communities from a file, all of it or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from io import BytesIO
from typing import IO

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants import trail
from tenants.actors import Actor
from tenants.administration import sheet
from tenants.administration.authority import POST_KEEPERS, TREE_KEEPERS, require_post
from tenants.administration.locks import lock_tenant, patiently
from tenants.administration.report import WHOLE_FILE, Problem, Report
from tenants.administration.street_rows import Known, Place, check_against, look_up, problems_of, read_places
from tenants.errors import NotAllowed, NotPossible
from tenants.models import ABOVE_STREETS, Appointment, Level, Role, Tenant, User
from tenants.scope import administration_scope, side_of
from tenants.workbook import Unreadable

SECRETARY = {Level.STREET: Role.STREET_LEADER, Level.COMMUNITY: Role.COMMUNITY_SECRETARY}
ROWS_PER_STATEMENT = 2_000


def create_street(file: IO[bytes], *, parent: Tenant | None = None, actor: Actor | None) -> Report:
    """Create the street of an .xlsx or CSV file with its communities and their secretaries.

    Arguments: `parent` is the district where the file names none.
    What is wrong with the file is reported, all of it at once; nothing is written then. Raises NotAllowed,
    and NotPossible if somebody else takes one of the addresses or user names meanwhile.
    """
    content = file.read(sheet.MAX_BYTES + 1)
    try:
        rows = sheet.read_rows(BytesIO(content))
    except Unreadable as unreadable:
        return Report(problems=(Problem(WHOLE_FILE, "", str(unreadable)),))
    return create_street_from(rows, parent=parent, actor=actor, source=hashlib.sha256(content).hexdigest())


def create_street_from(
    rows: Sequence[sheet.Row], *, parent: Tenant | None = None, actor: Actor | None, source: str = ""
) -> Report:
    """Create a street from rows that were read already; see `create_street`."""
    places = read_places(rows, default_parent=parent.slug if parent else "")
    known = look_up(places)
    check_against(known, places)
    if problems := problems_of(places):
        return Report(problems=problems)
    top = known.tenants.get(places[0].parent)
    post = _require_post(actor, top, places)
    try:
        return patiently(lambda: _write(places, known, top, actor, post, source))
    except IntegrityError as error:
        message = _("Somebody else has just taken one of the addresses or user names. Nothing was written.")
        raise NotPossible(message) from error


def _require_post(actor: Actor | None, top: Tenant | None, places: Sequence[Place]) -> str:
    if actor is not None and top is None:
        raise NotAllowed(_("A new city is created at the command line only."))
    if top is None:
        return ""
    if any(place.username for place in places):
        require_post(actor, top, POST_KEEPERS)
    return require_post(actor, top, TREE_KEEPERS)


def _write(
    places: Sequence[Place],
    known: Known,
    top: Tenant | None,
    actor: Actor | None,
    post: str,
    source: str,
) -> Report:
    with administration_scope(top or Tenant(pk=ABOVE_STREETS)):
        if top is not None and not lock_tenant(top.pk).is_open:
            raise NotPossible(_("%(tenant)s is closed.") % {"tenant": top.name})
        tenants = _plant(places, known)
        accounts = _staff(places, tenants, known)
        street = next(tenant for tenant in tenants.values() if tenant.level == Level.STREET)
        communities = [tenant.slug for tenant in tenants.values() if tenant.level == Level.COMMUNITY]
        staff = [f"{place.username}@{place.slug}" for place in places if place.username]
        changes = {"name": street.name, "communities": communities, "staff": staff, "file_sha256": source}
        # One entry in the street's log, not one in each new community's: those begin with their own work.
        with side_of(street):
            trail.record("street.created", actor=actor, post=post, changes=changes)
        above = top or next(iter(tenants.values()))
        with side_of(above):
            below = {"street": street.slug, "name": street.name, "communities": len(communities)}
            trail.record("street.created_below", actor=actor, post=post, changes=below)
    return Report(street=street, tenants=len(tenants), accounts=accounts)


def _plant(places: Sequence[Place], known: Known) -> dict[str, Tenant]:
    """Create the tenants, parents first as the file has them; return them by address."""
    found: dict[str, Tenant] = dict(known.tenants)
    created: dict[str, Tenant] = {}
    for pk, place in zip(_new_ids(len(places)), places, strict=True):
        assert place.level is not None  # a row without one is a problem
        parent = found.get(place.parent)
        above = (parent.street_id, parent.district_id) if parent else (ABOVE_STREETS, ABOVE_STREETS)
        found[place.slug] = created[place.slug] = Tenant(
            pk=pk,
            slug=place.slug,
            name=place.name,
            level=place.level,
            parent=parent,
            street_id=pk if place.level is Level.STREET else above[0],
            district_id=pk if place.level is Level.DISTRICT else above[1],
        )
    Tenant.objects.bulk_create(created.values(), batch_size=ROWS_PER_STATEMENT)
    return created


def _new_ids(count: int) -> list[int]:
    """Take ids beforehand: a street's row names itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('tenants_tenant', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _staff(places: Sequence[Place], tenants: dict[str, Tenant], known: Known) -> tuple[str, ...]:
    """Create the missing accounts, without a password, and everybody's posts; return the new user names."""
    full_names = {place.username: place.full_name for place in places if place.username}
    new = [
        User(username=username, full_name=full_name, password=make_password(None))
        for username, full_name in full_names.items()
        if username not in known.users
    ]
    User.objects.bulk_create(new, batch_size=ROWS_PER_STATEMENT)
    users = known.users | {user.username: user for user in new}
    today = timezone.localdate()
    for place in places:
        if place.username and place.level:
            with side_of(tenants[place.slug]):
                Appointment.objects.create(
                    user=users[place.username], role=SECRETARY[place.level], starts_on=today
                )
    return tuple(user.username for user in new)
