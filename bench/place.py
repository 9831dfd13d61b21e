"""Where a benchmark takes place: a migrated database with one street, one community and its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import django


@dataclass(frozen=True)
class Place:
    """`tenant` is the community; `clerk` and `secretary` hold its posts."""

    tenant: Any
    clerk: Any
    secretary: Any


def prepare() -> Place:
    """Migrate the server's database and create the place."""
    django.setup()
    from django.core.management import call_command

    call_command("database", "prepare", verbosity=0)
    call_command("migrate", verbosity=0)

    from demo.street import create_street
    from tenants.actors import actor_for
    from tenants.models import Tenant, User

    create_street()
    clerk, secretary = (User.objects.get(username=name) for name in ("limin", "wangfang"))
    return Place(Tenant.objects.get(slug="shicheng"), actor_for(clerk), actor_for(secretary))
