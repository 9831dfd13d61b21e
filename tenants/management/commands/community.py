"""`community rename | close | move`: change a community, or rename and close any other tenant."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.administration.close import close
from tenants.administration.move import move
from tenants.administration.rename import rename
from tenants.management.verbs import AdministrationCommand, find_tenant


class Command(AdministrationCommand):
    help = "Rename, close or move a community. Renaming and closing work for streets and districts as well."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        renaming = self.add_verb(
            verbs, "rename", self._rename, help="give it another name; the address stays"
        )
        renaming.add_argument("tenant", metavar="SLUG")
        renaming.add_argument("name", metavar="NAME")
        closing = self.add_verb(verbs, "close", self._close, help="close it; everything stays readable")
        closing.add_argument("tenant", metavar="SLUG")
        moving = self.add_verb(verbs, "move", self._move, help="put it under another street")
        moving.add_argument("tenant", metavar="SLUG")
        moving.add_argument("--to", required=True, metavar="SLUG", help="the street")

    def _rename(self, options: dict[str, Any], actor: Actor | None) -> None:
        tenant = find_tenant(options["tenant"])
        details = {"old": tenant.name, "new": rename(tenant, name=options["name"], actor=actor).name}
        self.stdout.write(_("%(old)s is now called %(new)s.") % details)

    def _close(self, options: dict[str, Any], actor: Actor | None) -> None:
        tenant = close(find_tenant(options["tenant"]), actor=actor)
        self.stdout.write(_("%(tenant)s is closed.") % {"tenant": tenant.name})

    def _move(self, options: dict[str, Any], actor: Actor | None) -> None:
        street = find_tenant(options["to"])
        moved = move(find_tenant(options["tenant"]), to=street, actor=actor)
        details = {
            "community": moved.community.name,
            "street": street.name,
            "rows": moved.rows,
            "steps": moved.steps,
        }
        message = _("%(community)s belongs to %(street)s now: %(rows)s rows, %(steps)s open steps.")
        self.stdout.write(message % details)
