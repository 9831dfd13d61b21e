"""`tenant export | import | wipe`: one tenant's backup, by the operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.archive_export import export_tenant
from tenants.archive_import import import_tenant
from tenants.archive_wipe import count_tenant, wipe_tenant
from tenants.errors import TenancyError
from tenants.models import Tenant


def _export_arguments(parser: CommandParser) -> None:
    parser.add_argument("slug", metavar="SLUG")
    parser.add_argument("file", metavar="FILE", type=Path, help="must not exist")


def _export(command: BaseCommand, options: Mapping[str, Any]) -> None:
    tenant, file = _tenant(options["slug"]), options["file"]
    exported = export_tenant(tenant, file)
    total = sum(exported.counts.values())
    command.stdout.write(f"Exported: {tenant.name} ({tenant.slug}), {total} rows, to {file}.")
    command.stdout.write(f"SHA-256: {exported.sha256}")
    command.stderr.write("The file holds personal data and is not encrypted. Keep it accordingly.")


def _import_arguments(parser: CommandParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="made by `tenant export`")


def _import(command: BaseCommand, options: Mapping[str, Any]) -> None:
    imported = import_tenant(options["file"])
    total, tenant = sum(imported.counts.values()), imported.tenant
    command.stdout.write(f"Imported: {tenant.name} ({tenant.slug}), {total} rows; the log is intact.")


def _wipe_arguments(parser: CommandParser) -> None:
    parser.add_argument("slug", metavar="SLUG", help="typed exactly")
    parser.add_argument("--yes-remove-everything", action="store_true", dest="confirmed")


def _wipe(command: BaseCommand, options: Mapping[str, Any]) -> None:
    tenant = _tenant(options["slug"])
    if not options["confirmed"]:
        total = sum(count_tenant(tenant).values())
        raise CommandError(
            f"This would remove {total} rows of {tenant.name} ({tenant.slug}), its log included, "
            "and cannot be undone. Export it first; then repeat with --yes-remove-everything."
        )
    wiped = wipe_tenant(tenant)
    command.stdout.write(f"Removed: {sum(wiped.counts.values())} rows of {tenant.name} ({tenant.slug}).")
    command.stdout.write(f"The last log entry was {wiped.last_entry} {wiped.last_hash}".rstrip())


@dataclass(frozen=True)
class Verb:
    """One verb of the command: what it is for, its arguments, and the function that is given them."""

    help: str
    arguments: Callable[[CommandParser], None]
    run: Callable[[BaseCommand, Mapping[str, Any]], None]


VERBS = {
    "export": Verb("write everything of one tenant into a file", _export_arguments, _export),
    "import": Verb("bring a tenant back from its file", _import_arguments, _import),
    "wipe": Verb("remove every row of one tenant", _wipe_arguments, _wipe),
}


class Command(BaseCommand):
    help = "Work on one tenant."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        for name, verb in VERBS.items():
            # No shortened options: what removes everything is typed in full.
            verb.arguments(verbs.add_parser(name, help=verb.help, allow_abbrev=False))

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            VERBS[verb].run(self, options)
        except TenancyError as error:
            raise CommandError(str(error)) from error


def _tenant(slug: str) -> Tenant:
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f'There is no tenant with the address "{slug}".')
    return tenant
