"""The demo street: one street, three communities, their people. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tenants.models import Appointment, Level, Role, Tenant, User
from tenants.owner import as_owner
from tenants.scope import tenant_scope

PASSWORD = "lianxi-demo-2026"


@dataclass(frozen=True)
class Place:
    slug: str
    name: str
    level: Level
    parent: str = ""


@dataclass(frozen=True)
class Account:
    username: str
    full_name: str
    tenant: str
    role: Role


PLACES = (
    Place("jiangcheng", "江城市", Level.CITY),
    Place("dongcheng", "东城区", Level.DISTRICT, "jiangcheng"),
    Place("shishan", "狮山街道", Level.STREET, "dongcheng"),
    Place("shicheng", "狮城社区", Level.COMMUNITY, "shishan"),
    Place("dongshanbei", "东山北社区", Level.COMMUNITY, "shishan"),
    Place("hubin", "湖滨社区", Level.COMMUNITY, "shishan"),
)

ACCOUNTS = (
    Account("limin", "李敏", "shicheng", Role.COMMUNITY_CLERK),
    Account("wangfang", "王芳", "shicheng", Role.COMMUNITY_SECRETARY),
    Account("huangli", "黄丽", "shicheng", Role.COMMUNITY_SECRETARY),
    Account("chenjing", "陈静", "dongshanbei", Role.COMMUNITY_CLERK),
    Account("liuyang", "刘洋", "dongshanbei", Role.COMMUNITY_SECRETARY),
    Account("zhoumei", "周梅", "hubin", Role.COMMUNITY_CLERK),
    Account("wujun", "吴军", "hubin", Role.COMMUNITY_SECRETARY),
    Account("zhaoqiang", "赵强", "shishan", Role.STREET_OFFICER),
    Account("sunli", "孙丽", "shishan", Role.STREET_LEADER),
)


def create_street() -> None:
    """Create the tree, the accounts and their posts in an empty database."""
    with as_owner():
        tenants = _create_tree()
        users = {
            account.username: User.objects.create_user(account.username, account.full_name, PASSWORD)
            for account in ACCOUNTS
        }
    for account in ACCOUNTS:
        with tenant_scope(tenants[account.tenant]):
            Appointment.objects.create(
                user=users[account.username], role=account.role, starts_on=date(2025, 1, 1)
            )


def _create_tree() -> dict[str, Tenant]:
    tenants: dict[str, Tenant] = {}
    for place in PLACES:
        parent = tenants.get(place.parent)
        tenants[place.slug] = create_tenant(place.slug, place.name, place.level, parent)
    return tenants


def create_tenant(slug: str, name: str, level: Level, parent: Tenant | None) -> Tenant:
    """Create a tenant under `parent`, as the owner; a street is its own street, likewise a district."""
    tenant = Tenant(slug=slug, name=name, level=level, parent=parent)
    if parent is not None:
        tenant.street_id, tenant.district_id = parent.street_id, parent.district_id
    tenant.save()
    if level == Level.STREET:
        tenant.street_id = tenant.pk
    if level == Level.DISTRICT:
        tenant.district_id = tenant.pk
    tenant.save()
    return tenant
