"""The named people and places that tests speak of.

Two streets stand side by side. Shishan Street has two communities: in Shicheng work Li Min (clerk) and
Wang Fang (secretary); in Dongshanbei, its sibling, Chen Jing (clerk) and Liu Yang (secretary). Zhao Qiang
is the street's officer. Yuntai Street, with Sun Li as officer and Yuntai First Community, is foreign.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from registry.models import Member
from tenants.actors import Actor, actor_for
from tenants.models import Appointment, Level, Role, Tenant, User
from tenants.owner import as_owner
from tenants.scope import tenant_scope

PASSWORD = "correct-horse-9"


@dataclass
class Cast:
    city: Tenant
    district: Tenant
    shishan: Tenant
    shicheng: Tenant
    dongshanbei: Tenant
    yuntai: Tenant
    yuntai_first: Tenant
    li_min: User
    wang_fang: User
    chen_jing: User
    liu_yang: User
    zhao_qiang: User
    sun_li: User

    def actor(self, name: str) -> Actor:
        """Return the actor that a person of the cast is today."""
        return actor_for(getattr(self, name))


POSTS = (
    ("shicheng", "li_min", Role.COMMUNITY_CLERK),
    ("shicheng", "wang_fang", Role.COMMUNITY_SECRETARY),
    ("dongshanbei", "chen_jing", Role.COMMUNITY_CLERK),
    ("dongshanbei", "liu_yang", Role.COMMUNITY_SECRETARY),
    ("shishan", "zhao_qiang", Role.STREET_OFFICER),
    ("yuntai", "sun_li", Role.STREET_OFFICER),
)


def make_cast() -> Cast:
    """Create the cast in an empty database."""
    with as_owner():
        tree = _tree()
        people = {
            name: User.objects.create_user(name.replace("_", ""), full_name, PASSWORD)
            for name, full_name in (
                ("li_min", "李敏"),
                ("wang_fang", "王芳"),
                ("chen_jing", "陈静"),
                ("liu_yang", "刘洋"),
                ("zhao_qiang", "赵强"),
                ("sun_li", "孙丽"),
            )
        }
    cast = Cast(**tree, **people)
    for place, person, role in POSTS:
        appoint(getattr(cast, place), getattr(cast, person), role)
    return cast


def appoint(tenant: Tenant, user: User, role: Role, *, starts_on: date | None = None) -> Appointment:
    with tenant_scope(tenant):
        appointment: Appointment = Appointment.objects.create(
            user=user, role=role, starts_on=starts_on or date(2020, 1, 1)
        )
    return appointment


def _tree() -> dict[str, Tenant]:
    city = Tenant.objects.create(slug="city", name="江城市", level=Level.CITY)
    district = _below(city, "district", "东城区", Level.DISTRICT)
    shishan = _below(district, "shishan", "狮山街道", Level.STREET)
    yuntai = _below(district, "yuntai", "云台街道", Level.STREET)
    return {
        "city": city,
        "district": district,
        "shishan": shishan,
        "yuntai": yuntai,
        "shicheng": _below(shishan, "shicheng", "狮城社区", Level.COMMUNITY),
        "dongshanbei": _below(shishan, "dongshanbei", "东山北社区", Level.COMMUNITY),
        "yuntai_first": _below(yuntai, "yuntai-first", "云台一社区", Level.COMMUNITY),
    }


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


def make_member(tenant: Tenant, name: str = "张三", **changes: Any) -> Member:
    """Create one member of a community, a full member of its own unless changed."""
    with tenant_scope(tenant):
        defaults = {
            "name": name,
            "gender": "male",
            "ethnicity": "汉族",
            "birth_date": date(1970, 1, 1),
            "standing": "full",
            "branch": "第一党支部",
            "joined_on": date(1995, 7, 1),
            "id_number_hash": f"hash-{name}-{Member.objects.count()}",
            "id_number_mask": "110***********123X",
        }
        member: Member = Member.objects.create(**{**defaults, **changes})
    return member


def nomination(member: Member, **changes: Any) -> dict[str, Any]:
    """Return a nomination that holds, for tests to spoil."""
    return {
        "member": member.pk,
        "held_on": (timezone.localdate() - timedelta(days=1)).isoformat(),
        "due": 20,
        "present": 18,
        "votes_for": 16,
        "summary": "热心社区服务，带头参加志愿活动。",
        "deeds": "担任楼长多年，调解邻里纠纷，照看独居老人。",
        **changes,
    }


ELIGIBLE = {"dues_paid_to": "2026-06-01", "last_appraisal": "excellent", "discipline": "no"}


def meeting(**changes: Any) -> dict[str, Any]:
    """Return the record of a street meeting held today that agrees."""
    return {
        "held_on": timezone.localdate().isoformat(),
        "present": 7,
        "votes_for": 6,
        "votes_against": 0,
        "abstained": 1,
        "minutes_number": "纪要〔2026〕8号",
        "document_number": "狮街工委〔2026〕15号",
        **changes,
    }


def decision(**changes: Any) -> dict[str, Any]:
    return {
        "document_number": "狮街工委〔2026〕21号",
        "decided_on": timezone.localdate().isoformat(),
        **changes,
    }


@contextmanager
def inside(tenant: Tenant) -> Iterator[None]:
    """Work in a tenant's scope, as an edge does."""
    with tenant_scope(tenant):
        yield


CAST_FIELDS = tuple(field.name for field in fields(Cast))
