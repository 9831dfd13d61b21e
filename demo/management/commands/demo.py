"""The demo: prepare its database, seed the street, show the accounts, let a notice period pass."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from demo.grow import MEMBERS_PER_CASE, OPEN_PERCENT, STREETS_PER_DISTRICT, NoAdministrator, Size, grow
from demo.notices import let_notices_pass
from demo.roster import DEMO_COMMUNITIES, write_roster
from demo.street import ACCOUNTS, PASSWORD, PLACES, create_street
from registry.roster import import_roster
from tenants.models import Role, Tenant
from tenants.scope import tenant_scope
from workflows.jobs import enqueue_sweep

SEED = 2026


class Command(BaseCommand):
    help = "Prepare, seed and steer the demo."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("prepare", help="create roles and database, migrate, seed if empty")
        verbs.add_parser("seed", help="create the demo street if the database is empty")
        verbs.add_parser("accounts", help="print the demo accounts")
        passing = verbs.add_parser("pass-notice", help="let every running notice period end now")
        passing.add_argument("--tenant", metavar="SLUG", help="only this community's notices")
        growing = verbs.add_parser("grow", help="add a country of made-up communities, people and cases")
        growing.add_argument("--communities", type=_whole(1), default=119_437, metavar="N")
        growing.add_argument("--steps", type=_whole(1), default=1_000_000, metavar="N")
        growing.add_argument(
            "--streets-per-district", type=_whole(1), default=STREETS_PER_DISTRICT, metavar="N"
        )
        growing.add_argument("--open-percent", type=_whole(0, 100), default=OPEN_PERCENT, metavar="N")
        growing.add_argument("--members-per-case", type=_whole(1), default=MEMBERS_PER_CASE, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo: the settings in use have DEMO switched off.")
        verbs: dict[str, Callable[..., None]] = {
            "prepare": self._prepare,
            "seed": self._seed,
            "accounts": self._accounts,
            "pass-notice": self._pass_notice,
            "grow": self._grow,
        }
        verbs[options["verb"]](options)

    def _prepare(self, options: dict[str, Any]) -> None:
        if settings.ADMIN_CONNINFO:
            call_command("database", "prepare", stdout=self.stderr)
        call_command("migrate", verbosity=0, interactive=False)
        self._seed(options)
        self._accounts(options)

    def _seed(self, options: dict[str, Any]) -> None:
        if Tenant.objects.exists():
            return
        if settings.OWNER_CONNECTION["USER"] == settings.DATABASES["default"]["USER"]:
            raise CommandError("The database is empty. Set DATABASE_OWNER_URL so that it can be filled.")
        create_street()
        with tempfile.TemporaryDirectory() as folder:
            for number, (slug, own, residing) in enumerate(DEMO_COMMUNITIES):
                path = Path(folder) / f"{slug}.xlsx"
                write_roster(path, own=own, residing=residing, seed=SEED + number)
                with tenant_scope(Tenant.objects.get(slug=slug)), path.open("rb") as file:
                    import_roster(file, actor=None)

    def _accounts(self, options: dict[str, Any]) -> None:
        places = {place.slug: place.name for place in PLACES}
        self.stdout.write(f"Demo accounts, all with the password {PASSWORD}:")
        for account in ACCOUNTS:
            role = Role(account.role).label
            self.stdout.write(
                f"  {account.username:<11} {account.full_name}  {places[account.tenant]} · {role}"
            )

    def _pass_notice(self, options: dict[str, Any]) -> None:
        tenants = Tenant.objects.filter(level="community").order_by("pk")
        if options["tenant"]:
            tenants = tenants.filter(slug=options["tenant"])
            if not tenants:
                raise CommandError(f'There is no community with the address "{options["tenant"]}".')
        passed = 0
        for tenant in tenants:
            with tenant_scope(tenant):
                passed += let_notices_pass(yesterday=timezone.localdate() - timedelta(days=1))
        enqueue_sweep()
        self.stdout.write(f"{passed} notice period(s) end now; the worker moves the cases on.")

    def _grow(self, options: dict[str, Any]) -> None:
        size = Size(**{field.name: options[field.name] for field in fields(Size)})
        try:
            grow(size, say=self.stdout.write)
        except NoAdministrator as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"The people sign in as clerk-N, secretary-N, officer-N, … with {PASSWORD}.")


def _whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return what reads a whole number of the command line."""

    def number(text: str) -> int:
        value = int(text)
        if value < least or (most is not None and value > most):
            raise ValueError(text)
        return value

    return number
