"""`street create`: a street and its communities from a file; `street template`: a file to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.administration.create_street import create_street
from tenants.administration.sheet import write_template
from tenants.management.verbs import AdministrationCommand, find_tenant


class Command(AdministrationCommand):
    help = "Create a street with its communities from an .xlsx or CSV file, all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        create = self.add_verb(verbs, "create", self._create, help="create what the file lists")
        create.add_argument("file", type=Path, metavar="FILE")
        create.add_argument("--parent", metavar="SLUG", help="the district, if the file names none")
        template = self.add_verb(verbs, "template", self._template, help="write a workbook to fill in")
        template.add_argument("file", type=Path, metavar="FILE.xlsx")

    def _create(self, options: dict[str, Any], actor: Actor | None) -> None:
        parent = find_tenant(options["parent"]) if options["parent"] else None
        try:
            with options["file"].open("rb") as file:
                report = create_street(file, parent=parent, actor=actor)
        except OSError as error:
            raise CommandError(_unusable(options["file"], error)) from error
        for problem in report.problems:
            self.stdout.write("\t".join((str(problem.row or "-"), problem.column or "-", problem.message)))
        if report.street is None:
            raise CommandError(
                _("Nothing was written. Problems: %(count)s.") % {"count": len(report.problems)}
            )
        details = {"street": report.street.name, "count": report.tenants}
        self.stdout.write(_("%(street)s: %(count)s tenants were created.") % details)
        if report.accounts:
            names = " ".join(report.accounts)
            self.stdout.write(
                _("These accounts have no password yet; `account reset-password` gives them one: %(names)s")
                % {"names": names}
            )

    def _template(self, options: dict[str, Any], actor: Actor | None) -> None:
        path: Path = options["file"]
        try:
            with path.open("xb") as target:
                write_template(target)
        except FileExistsError as error:
            raise CommandError(_("%(file)s is there already.") % {"file": path}) from error
        except OSError as error:
            raise CommandError(_unusable(path, error)) from error
        self.stdout.write(_("%(file)s is written.") % {"file": path})


def _unusable(path: Path, error: OSError) -> str:
    return _("%(file)s cannot be opened: %(reason)s.") % {"file": path, "reason": error.strerror}
