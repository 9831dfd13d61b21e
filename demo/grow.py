"""Grow the demo to the size of a country, in one transaction of bulk statements.

Row-level security binds the owner too, and a bulk load belongs to no single tenant: it runs as the server's
superuser, whom the settings name in a demo only. Foreign keys stay switched on, so that what is loaded is as
sound as what the application writes. The log holds nothing of it: a log tells of what people did.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import timedelta
from itertools import accumulate

import psycopg
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from psycopg.conninfo import make_conninfo

from demo import country
from demo.courses import COURSES, FLOW, steps, stored_flow
from demo.street import PASSWORD
from registry.models import AwardKind
from workflows.rules.parameters import pinned

COMMUNITIES_PER_STREET = 13
STREETS_PER_DISTRICT = 20
OPEN_PERCENT = 20
MEMBERS_PER_CASE = 20
"""For this year's cases: one full member in twenty can be nominated; with fewer none could be corrected."""


class NoAdministrator(Exception):
    """Growing needs a superuser's connection: set DATABASE_ADMIN_URL."""


@dataclass(frozen=True)
class Size:
    """How much is added; the last case may take the steps a little beyond `steps`."""

    communities: int
    steps: int
    streets_per_district: int = STREETS_PER_DISTRICT
    open_percent: int = OPEN_PERCENT
    members_per_case: int = MEMBERS_PER_CASE

    @property
    def streets(self) -> int:
        return math.ceil(self.communities / COMMUNITIES_PER_STREET)

    @property
    def districts(self) -> int:
        return math.ceil(self.streets / self.streets_per_district)

    @property
    def cities(self) -> int:
        return math.ceil(self.districts / country.DISTRICTS_PER_CITY)


def grow(size: Size, *, say: Callable[[str], object] = print) -> None:
    """Add a country of this size to what is there; on any error nothing is added.

    Raises NoAdministrator without a superuser's connection.
    """
    began = time.monotonic()
    with _superuser() as admin:
        with admin.transaction():
            # Sorting and hashing a million steps fits into memory; a demo may lose its last second.
            admin.execute("SET LOCAL work_mem = '256MB'")
            admin.execute("SET LOCAL synchronous_commit = off")
            _tell_courses(admin)
            values = _values(size)
            for title, statements in country.STAGES:
                for statement in statements.split(";\n"):
                    admin.execute(statement, values)
                say(f"{time.monotonic() - began:6.1f} s  {title}")
        admin.execute("VACUUM (ANALYZE) " + ", ".join(country.TABLES))
        say(f"{time.monotonic() - began:6.1f} s  statistics")


def _superuser() -> psycopg.Connection:
    if not (settings.DEMO and settings.ADMIN_CONNINFO):
        raise NoAdministrator(NoAdministrator.__doc__)
    conninfo = make_conninfo(settings.ADMIN_CONNINFO, dbname=connection.settings_dict["NAME"])
    admin = psycopg.connect(conninfo, autocommit=True, cursor_factory=psycopg.ClientCursor)
    row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if row != (True,):
        admin.close()
        raise NoAdministrator(NoAdministrator.__doc__)
    return admin


def _tell_courses(admin: psycopg.Connection) -> None:
    """Put the courses into tables that live as long as the transaction."""
    admin.execute(
        "CREATE TEMP TABLE grown_course (course int, outcome text, is_open boolean, steps int,"
        " lasts interval, recent interval) ON COMMIT DROP"
    )
    admin.execute(
        "CREATE TEMP TABLE grown_course_step (course int, n int, flow_task text, kind text, role text,"
        " key text, status text, outcome text, opens interval, closes interval) ON COMMIT DROP"
    )
    with admin.cursor() as cursor:
        for number, course in enumerate(COURSES):
            walked = list(steps(number))
            lasts: timedelta = walked[-1].closes or walked[-1].opens
            row = (number, course.outcome, bool(course.waits), len(walked), lasts, course.recent)
            cursor.execute("INSERT INTO grown_course VALUES (%s, %s, %s, %s, %s, %s)", row)
            cursor.executemany(
                "INSERT INTO grown_course_step VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                [astuple(step) for step in walked],
            )


def _values(size: Size) -> dict[str, object]:
    return {
        "cities": size.cities,
        "districts": size.districts,
        "streets": size.streets,
        "communities": size.communities,
        "per_district": size.streets_per_district,
        "per_street": COMMUNITIES_PER_STREET,
        "steps": size.steps,
        "members_per_case": size.members_per_case,
        "stride": _stride(size.communities),
        "shares": _shares(size.open_percent),
        "zone": settings.TIME_ZONE,
        "password": make_password(PASSWORD),
        "flow_class": stored_flow(),
        "flow_code": FLOW.code,
        "prefix": FLOW.number_prefix,
        "parameters": json.dumps(pinned(FLOW.parameters)),
        "award": AwardKind.OUTSTANDING_MEMBER.value,
    }


def _stride(communities: int) -> int:
    """Return a step that visits every community once: busy ones lie all over the country."""
    return next(number for number in range(7919, 2 * 7919) if math.gcd(number, communities) == 1)


def _shares(open_percent: int) -> list[float]:
    """Return the thresholds between the courses, for a number from 0 up to 1."""
    totals = {is_open: sum(c.share for c in COURSES if bool(c.waits) is is_open) for is_open in (True, False)}
    part = {True: open_percent / 100, False: 1 - open_percent / 100}
    shares = [part[bool(c.waits)] * c.share / totals[bool(c.waits)] for c in COURSES]
    return list(accumulate(shares))[:-1]
