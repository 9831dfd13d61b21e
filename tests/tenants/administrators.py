"""What the tests of administration share: administrators, street lists, and what a log says."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from audit.models import Event
from audit.verify import verify
from tenants.actors import Actor, actor_for
from tenants.administration.sheet import COLUMNS
from tenants.models import Role, Tenant, User
from tenants.owner import as_owner
from tenants.scope import tenant_scope
from tests.cast import PASSWORD, appoint

STREET = ("街道", "东湖街道", "donghu", "district", "", "")
COMMUNITY = ("社区", "东湖一社区", "donghu-yi", "", "", "")


def administrator(tenant: Tenant, role: Role, username: str = "guanli") -> Actor:
    """Return a new person with one administrator's post."""
    with as_owner():
        user = User.objects.create_user(username, "管理员", PASSWORD)
    appoint(tenant, user, role)
    return actor_for(user)


def csv_file(*lines: Sequence[str], encoding: str = "utf-8") -> BytesIO:
    text = "\n".join(",".join(line) for line in (COLUMNS, *lines))
    return BytesIO(text.encode(encoding))


def workbook(*lines: Sequence[object]) -> BytesIO:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in (COLUMNS, *lines):
        sheet.append(list(line))
    file = BytesIO()
    book.save(file)
    file.seek(0)
    return file


def verbs(tenant: Tenant) -> list[str]:
    """Return the verbs of a tenant's log, oldest first, after checking its chain."""
    with tenant_scope(tenant):
        assert verify(tenant.pk).intact
        return [event.verb for event in Event.objects.of(tenant.pk).order_by("seq")]


def last_event(tenant: Tenant) -> Any:
    with tenant_scope(tenant):
        return Event.objects.of(tenant.pk).latest("seq")


def fresh(tenant: Tenant) -> Tenant:
    """Return the tenant as the database has it now."""
    return Tenant.objects.get(pk=tenant.pk)
