"""Check the rows of a street's list: each by itself, against the others, and against what is there.

The file may begin with a new city and a new district; then comes the one street, then its communities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils.translation import gettext as _

from tenants.administration import sheet
from tenants.administration.names import checked_name, checked_slug, checked_username
from tenants.administration.report import WHOLE_FILE, Problem
from tenants.errors import InvalidEntry
from tenants.models import Level, Tenant, User

LEVELS = {"市": Level.CITY, "区": Level.DISTRICT, "街道": Level.STREET, "社区": Level.COMMUNITY}
ABOVE = {Level.DISTRICT: Level.CITY, Level.STREET: Level.DISTRICT, Level.COMMUNITY: Level.STREET}
WORDS = {level: word for word, level in LEVELS.items()}


@dataclass
class Place:
    """What a row says of one tenant, as far as it could be read, and what is wrong with it."""

    row: int
    level: Level | None = None
    name: str = ""
    slug: str = ""
    parent: str = ""
    username: str = ""
    full_name: str = ""
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, column: str, message: str) -> None:
        self.problems.append(Problem(self.row, column, message))


@dataclass(frozen=True)
class Known:
    """What is there already of what the rows name, by address or user name."""

    tenants: dict[str, Tenant]
    users: dict[str, User]


def read_places(rows: Iterable[sheet.Row], *, default_parent: str = "") -> list[Place]:
    """Read every row and check it by itself and against the others."""
    places = [_read(row) for row in rows]
    street = next((at for at, place in enumerate(places) if place.level is Level.STREET), None)
    if street is None:
        message = _("There is no row with the level %(level)s.") % {"level": WORDS[Level.STREET]}
        places[0].problems.append(Problem(WHOLE_FILE, sheet.LEVEL, message))
    else:
        places[0].parent = places[0].parent or default_parent
        _check_chain(places[: street + 1])
        _check_communities(places[street], places[street + 1 :])
    _check_repeated(places)
    return places


def look_up(places: Iterable[Place]) -> Known:
    """Return the tenants and people that the rows name and that are there already, in two statements."""
    slugs = {slug for place in places for slug in (place.slug, place.parent) if slug}
    usernames = {place.username for place in places if place.username}
    return Known(
        {tenant.slug: tenant for tenant in Tenant.objects.filter(slug__in=slugs)},
        {user.username: user for user in User.objects.filter(username__in=usernames)},
    )


def check_against(known: Known, places: list[Place]) -> None:
    """Refuse addresses that are taken, parents that don't fit, and people who are somebody else."""
    earlier: dict[str, Level | None] = {}
    for place in places:
        if place.slug in known.tenants:
            taken = known.tenants[place.slug].name
            place.refuse(sheet.SLUG, _("This address is taken by %(tenant)s.") % {"tenant": taken})
        _check_parent(place, known, earlier)
        _check_person(place, known)
        if place.slug:
            earlier.setdefault(place.slug, place.level)


def problems_of(places: Iterable[Place]) -> tuple[Problem, ...]:
    return tuple(problem for place in places for problem in place.problems)


def _read(row: sheet.Row) -> Place:
    place = Place(row.number, parent=row.cells.get(sheet.PARENT, ""))
    word = row.cells.get(sheet.LEVEL, "")
    place.level = LEVELS.get(word)
    if place.level is None:
        details = {"value": word[:20], "allowed": "、".join(LEVELS)}
        place.refuse(sheet.LEVEL, _("“%(value)s” is not one of %(allowed)s.") % details)
    readers = [(sheet.NAME, "name", checked_name), (sheet.SLUG, "slug", checked_slug)]
    username, full_name = (row.cells.get(name, "") for name in (sheet.USERNAME, sheet.FULL_NAME))
    if username or full_name:
        readers += [
            (sheet.USERNAME, "username", checked_username),
            (sheet.FULL_NAME, "full_name", checked_name),
        ]
    for column, attribute, read in readers:
        try:
            setattr(place, attribute, read(row.cells.get(column, "")))
        except InvalidEntry as invalid:
            place.refuse(column, invalid.message)
    if place.username and place.level in (Level.CITY, Level.DISTRICT):
        place.refuse(sheet.USERNAME, _("Only a street and a community have a secretary here."))
    return place


def _check_chain(places: list[Place]) -> None:
    """Check the rows down to the street: each is right below the one before it."""
    for above, place in pairwise(places):
        if Level.COMMUNITY in (above.level, place.level):
            continue
        place.parent = place.parent or above.slug
        if place.parent != above.slug:
            place.refuse(sheet.PARENT, _("This belongs below the row before it."))
    for place in places:
        if place.level is Level.COMMUNITY:
            place.refuse(sheet.LEVEL, _("The street's row comes before its communities."))


def _check_communities(street: Place, places: list[Place]) -> None:
    for place in places:
        if place.level is Level.STREET:
            place.refuse(sheet.LEVEL, _("A file has one street; this is a second one."))
        elif place.level in (Level.CITY, Level.DISTRICT):
            place.refuse(sheet.LEVEL, _("A new city or district comes before the street."))
        elif place.level is Level.COMMUNITY:
            place.parent = place.parent or street.slug
            if place.parent != street.slug:
                place.refuse(sheet.PARENT, _("A community of this file belongs to the street of this file."))


def _check_repeated(places: list[Place]) -> None:
    for column, attribute, message in (
        (sheet.SLUG, "slug", _("The same address is in row %(rows)s.")),
        (sheet.NAME, "name", _("The same name is in row %(rows)s.")),
    ):
        same: defaultdict[str, list[Place]] = defaultdict(list)
        for place in places:
            if value := getattr(place, attribute):
                same[value].append(place)
        for group in same.values():
            for place in group if len(group) > 1 else ():
                rows = "、".join(str(other.row) for other in group[:5] if other is not place)
                place.refuse(column, message % {"rows": rows})


def _check_parent(place: Place, known: Known, earlier: dict[str, Level | None]) -> None:
    if place.level is None:
        return
    if place.level is Level.CITY:
        if place.parent:
            place.refuse(sheet.PARENT, _("A city has nothing above it."))
        return
    if any(problem.column in (sheet.PARENT, sheet.LEVEL) for problem in place.problems):
        return
    wanted = WORDS[ABOVE[place.level]]
    if not place.parent:
        place.refuse(sheet.PARENT, _("Name the address of the %(level)s above it.") % {"level": wanted})
        return
    there = known.tenants.get(place.parent)
    level = earlier.get(place.parent) or (Level(there.level) if there else None)
    if level is None:
        details = {"slug": place.parent[:50]}
        place.refuse(sheet.PARENT, _("There is no tenant with the address “%(slug)s” yet.") % details)
    elif level is not ABOVE[place.level]:
        details = {"slug": place.parent, "level": WORDS[level], "wanted": wanted}
        place.refuse(sheet.PARENT, _("“%(slug)s” is a %(level)s; this needs a %(wanted)s.") % details)
    elif there is not None and place.parent not in earlier and not there.is_open:
        place.refuse(sheet.PARENT, _("%(tenant)s is closed.") % {"tenant": there.name})


def _check_person(place: Place, known: Known) -> None:
    user = known.users.get(place.username)
    if user is None or not place.full_name:
        return
    if user.full_name != place.full_name:
        place.refuse(
            sheet.FULL_NAME, _("The user name belongs to %(name)s already.") % {"name": user.full_name}
        )
    elif not user.is_active:
        place.refuse(sheet.USERNAME, _("The account of %(name)s is suspended.") % {"name": user.full_name})
