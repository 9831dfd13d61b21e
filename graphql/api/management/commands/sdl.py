"""`sdl`: write graphql/schema.graphql, or check that it says what the code says."""

from __future__ import annotations

import difflib
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.schema import sdl


class Command(BaseCommand):
    help = "Write the API's schema to graphql/schema.graphql."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only fail if the file has drifted")

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.BASE_DIR / "graphql" / "schema.graphql"
        wanted = sdl()
        if not options["check"]:
            file.write_text(wanted, encoding="utf-8")
            self.stdout.write(f"Wrote {file.relative_to(settings.BASE_DIR)}.")
            return
        found = file.read_text(encoding="utf-8") if file.exists() else ""
        if found != wanted:
            diff = difflib.unified_diff(
                found.splitlines(), wanted.splitlines(), "graphql/schema.graphql", "the code", lineterm=""
            )
            raise CommandError(
                "\n".join([*diff, "The schema has drifted. Run `python manage.py sdl` and commit the file."])
            )
