"""`members import`: add a file's members to a community's list; `members template`: write an empty list."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registry.errors import Refused
from registry.roster import Problem, Report, import_roster
from registry.roster_template import write_template
from tenants.actors import Actor, actor_for
from tenants.models import Level, Tenant, User
from tenants.scope import tenant_scope


class Command(BaseCommand):
    help = "Import a community's member list from an .xlsx file, or write an empty template."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        importing = verbs.add_parser("import", help="add the members of a file to a community's list")
        importing.add_argument("file", type=Path, metavar="FILE.xlsx")
        importing.add_argument("--tenant", required=True, metavar="SLUG", help="the community")
        importing.add_argument(
            "--skip-bad", action="store_true", help="write the good rows although others are bad"
        )
        importing.add_argument(
            "--as", dest="username", metavar="USERNAME", help="import in this person's name"
        )
        template = verbs.add_parser("template", help="write an empty list with the columns")
        template.add_argument("file", type=Path, metavar="FILE.xlsx")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "template":
            self._write_template(options["file"])
        else:
            self._import(options)

    def _write_template(self, path: Path) -> None:
        try:
            with path.open("xb") as target:
                write_template(target)
        except FileExistsError as error:
            raise CommandError(_("%(file)s is there already.") % {"file": path}) from error
        except OSError as error:
            raise CommandError(_unusable(path, error)) from error
        self.stdout.write(_("%(file)s is written.") % {"file": path})

    def _import(self, options: dict[str, Any]) -> None:
        tenant = _community(options["tenant"])
        actor = _actor(options["username"]) if options["username"] else None
        path: Path = options["file"]
        try:
            with path.open("rb") as file, tenant_scope(tenant):
                report = import_roster(file, actor=actor, skip_bad=options["skip_bad"])
        except OSError as error:
            raise CommandError(_unusable(path, error)) from error
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self._tell(report, tenant)

    def _tell(self, report: Report, tenant: Tenant) -> None:
        if report.problems:
            self.stdout.write(_table(report.problems))
        if not report.written:
            raise CommandError(
                _("Nothing was written. Problems: %(count)s.") % {"count": len(report.problems)}
            )
        added = ngettext(
            "%(count)s member was imported.", "%(count)s members were imported.", report.imported
        )
        self.stdout.write(f"{tenant.name}: {added % {'count': report.imported}}")


def _community(slug: str) -> Tenant:
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(_("There is no tenant “%(slug)s”.") % {"slug": slug})
    if tenant.level != Level.COMMUNITY:
        message = _("“%(slug)s” is no community: only communities keep a member list.")
        raise CommandError(message % {"slug": slug})
    return tenant


def _actor(username: str) -> Actor:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(_("There is no active user “%(username)s”.") % {"username": username})
    return actor_for(user)


def _unusable(path: Path, error: OSError) -> str:
    return _("%(file)s cannot be opened: %(reason)s.") % {"file": path, "reason": error.strerror}


def _table(problems: Sequence[Problem]) -> str:
    head = (_("Row"), _("Column"), _("Problem"))
    lines = [head, *((str(p.row or "-"), p.column or "-", p.message) for p in problems)]
    row_width, column_width = (max(_width(line[at]) for line in lines) for at in (0, 1))
    return "\n".join(
        f"{_padded(row, row_width)}  {_padded(column, column_width)}  {message}"
        for row, column, message in lines
    )


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Return how many places a text takes in a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
