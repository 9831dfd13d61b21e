"""`database prepare`: create the roles and the database that the application needs."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.provision import APP_ROLE, OWNER_ROLE, provision

NO_ADMIN = (
    "Set DATABASE_ADMIN_URL to a superuser's address on your server, for example "
    "postgresql://postgres:…@host/postgres, or start the embedded one with `make demo`."
)


class Command(BaseCommand):
    help = "Create the database roles and the database; safe to repeat."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["prepare"])

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ADMIN_CONNINFO:
            raise CommandError(NO_ADMIN)
        passwords = {
            APP_ROLE: os.environ.get("LIANXI_APP_PASSWORD", ""),
            OWNER_ROLE: os.environ.get("LIANXI_OWNER_PASSWORD", ""),
        }
        provision(settings.ADMIN_CONNINFO, settings.DATABASES["default"]["NAME"], passwords)
        self.stdout.write("The roles and the database are in place.")
