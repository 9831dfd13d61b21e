"""The cast with a second district, people at every distance from Shicheng, and rows worth hiding there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from registry.models import Member
from tenants.actors import actor_for
from tenants.models import Level, Role, Tenant, User
from tenants.owner import as_owner
from tests.cast import Cast, appoint, inside, make_member, nomination
from tests.tenants.catalogue import tenant_tables
from workflows.actions.start import start
from workflows.flows import FLOWS
from workflows.models import Task

FLOW = FLOWS["outstanding-member"]
SECRET = "隐名"
"""Begins the name of every member of Shicheng, and stands nowhere else."""


@dataclass
class Case:
    """A case that waits for its eligibility check, by the clerk who started it."""

    tenant: Tenant
    id: int
    step_id: int
    member_id: int


@dataclass
class World:
    cast: Cast
    north: Tenant
    north_gate: Tenant
    north_gate_first: Tenant
    people: dict[str, User]
    own: Case
    spare: dict[str, Member] = field(default_factory=dict)
    """A member of Shicheng for each who may nominate one."""
    elsewhere: dict[str, Case] = field(default_factory=dict)
    """A case that each person outside may see, in a place of their own."""


def make_world(cast: Cast) -> World:
    """Give Shicheng a case and members, and each caller of the matrix a person."""
    with as_owner():
        north = _below(cast.city, "north", "北湖区", Level.DISTRICT)
        gate = _below(north, "north-gate", "北门街道", Level.STREET)
        first = _below(gate, "north-gate-first", "北门一社区", Level.COMMUNITY)
        added = {
            name: User.objects.create_user(name.replace("_", "-"), full_name, "irrelevant-1")
            for name, full_name in (
                ("district", "区审甲"),
                ("other_district", "区审乙"),
                ("no_post", "路人"),
                ("commuter", "两边任职"),
                ("yuntai_clerk", "云台文员"),
                ("north_clerk", "北门文员"),
            )
        }
    for tenant, name, role in (
        (cast.district, "district", Role.DISTRICT_REVIEWER),
        (north, "other_district", Role.DISTRICT_REVIEWER),
        (cast.shicheng, "commuter", Role.COMMUNITY_CLERK),
        (cast.dongshanbei, "commuter", Role.COMMUNITY_CLERK),
        (cast.yuntai_first, "yuntai_clerk", Role.COMMUNITY_CLERK),
        (first, "north_clerk", Role.COMMUNITY_CLERK),
    ):
        appoint(tenant, added[name], role)
    people = {
        **added,
        "own": cast.li_min,
        "colleague": cast.wang_fang,
        "sibling": cast.chen_jing,
        "street": cast.zhao_qiang,
        "other_street": cast.sun_li,
    }
    sibling = open_case(cast.dongshanbei, cast.chen_jing, "李四")
    yuntai = open_case(cast.yuntai_first, people["yuntai_clerk"], "王五")
    beyond = open_case(first, people["north_clerk"], "赵六")
    world = World(cast, north, gate, first, people, open_case(cast.shicheng, cast.li_min, f"{SECRET}甲"))
    world.elsewhere = {"sibling": sibling, "other_street": yuntai, "other_district": beyond}
    with inside(cast.shicheng):
        # One nomination for every twenty members: enough of them for each who may nominate.
        Member.objects.bulk_create(_member(number) for number in range(60))
    world.spare = {
        name: make_member(cast.shicheng, f"{SECRET}{number}")
        for number, name in enumerate(("own", "colleague", "commuter"))
    }
    return world


def open_case(tenant: Tenant, clerk: User, name: str) -> Case:
    """Start a case about a new member of a community."""
    return nominate(tenant, clerk, make_member(tenant, name))


def nominate(tenant: Tenant, clerk: User, member: Member) -> Case:
    """Start a case about a member."""
    actor = actor_for(clerk)
    with inside(tenant):
        case = start(FLOW, actor=actor, data=nomination(member))
        step = Task.objects.get(process=case, status="NEW")
    return Case(tenant, case.pk, step.pk, member.pk)


def _member(number: int) -> Member:
    return Member(
        name=f"{SECRET}党员{number}",
        gender="female",
        ethnicity="汉族",
        birth_date="1980-01-01",
        standing="full",
        joined_on="2001-07-01",
        id_number_hash=f"spare-{number}",
    )


def _below(parent: Tenant, slug: str, name: str, level: Level) -> Tenant:
    tenant = Tenant(slug=slug, name=name, level=level, parent=parent)
    tenant.street_id, tenant.district_id = parent.street_id, parent.district_id
    tenant.save()
    if level == Level.STREET:
        tenant.street_id = tenant.pk
    if level == Level.DISTRICT:
        tenant.district_id = tenant.pk
    tenant.save()
    return tenant


class Eye:
    """See every tenant's rows past every policy, to tell whether anything changed."""

    def __init__(self) -> None:
        tables = tenant_tables()
        self._statement = " UNION ALL ".join(
            f"SELECT '{table}', tenant_id, count(*), md5(string_agg(r::text, '|' ORDER BY id)) "
            f'FROM "{table}" r GROUP BY tenant_id'
            for table in tables
        )
        name = connection.settings_dict["NAME"]
        self._connection = psycopg.connect(settings.ADMIN_CONNINFO, dbname=name, autocommit=True)

    def rows(self, *, but: int = 0) -> dict[tuple[str, int], tuple[int, str]]:
        """Return the number and a checksum of the rows of each table and tenant."""
        found = self._connection.execute(self._statement).fetchall()
        return {(table, tenant): (count, md5) for table, tenant, count, md5 in found if tenant != but}

    def heads(self) -> dict[int, tuple[int, str]]:
        found = self._connection.execute("SELECT tenant_id, seq, hash FROM audit_head").fetchall()
        return {tenant: (seq, head) for tenant, seq, head in found}

    def execute(self, sql: str, values: Any = None) -> list[Any]:
        done = self._connection.execute(sql, values)
        return done.fetchall() if done.description else []

    def close(self) -> None:
        self._connection.close()
