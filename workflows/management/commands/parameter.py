"""`parameter list | explain | set | inherit`: the numbers of the procedures, level by level."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.management.verbs import AdministrationCommand, day, find_tenant
from workflows.parameters import Explanation, declared, explain, set_parameter


class Command(AdministrationCommand):
    help = "Show and set parameters. A level below may only tighten what comes from above."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        listing = self.add_verb(verbs, "list", self._list, help="show every value in force for a tenant")
        explaining = self.add_verb(verbs, "explain", self._explain, help="show where one value comes from")
        setting = self.add_verb(verbs, "set", self._set, help="set a value")
        inheriting = self.add_verb(verbs, "inherit", self._set, help="take the value from above again")
        for parsed in (explaining, setting, inheriting):
            parsed.add_argument("parameter", metavar="ID")
        setting.add_argument("value", type=int, metavar="VALUE")
        for parsed in (setting, inheriting):
            parsed.add_argument(
                "--from", dest="effective_from", type=day, metavar="DAY", help="today without it"
            )
        for parsed in (listing, explaining, setting, inheriting):
            parsed.add_argument("--tenant", required=True, metavar="SLUG")

    def _list(self, options: dict[str, Any], actor: Actor | None) -> None:
        tenant = find_tenant(options["tenant"])
        for parameter_id in sorted(declared()):
            found = explain(parameter_id, tenant, timezone.localdate())
            source = found.decided_by.name if found.decided_by else _("default")
            self.stdout.write("\t".join((parameter_id, str(found.value), source, found.parameter.meaning)))

    def _explain(self, options: dict[str, Any], actor: Actor | None) -> None:
        tenant = find_tenant(options["tenant"])
        found = explain(options["parameter"], tenant, timezone.localdate())
        self.stdout.write(f"{found.parameter.id} = {found.value}  ({found.parameter.meaning})")
        for level in found.levels:
            self.stdout.write(f"  {level.name}\t{_said(level.value, level.since)}{_mark(found, level)}")
        if not found.parameter.is_fixed:
            details = {
                "minimum": found.bounds.minimum,
                "maximum": found.bounds.maximum,
                "tenant": tenant.name,
            }
            self.stdout.write(_("%(tenant)s may set %(minimum)s to %(maximum)s.") % details)

    def _set(self, options: dict[str, Any], actor: Actor | None) -> None:
        tenant = find_tenant(options["tenant"])
        made = set_parameter(
            tenant,
            options["parameter"],
            value=options.get("value"),
            effective_from=options["effective_from"],
            actor=actor,
        )
        details = {
            "id": made.parameter,
            "value": _said(made.value, made.effective_from),
            "tenant": tenant.name,
        }
        self.stdout.write(_("%(tenant)s: %(id)s %(value)s") % details)


def _said(value: int | None, since: object) -> str:
    if value is None:
        return _("inherits")
    return _("= %(value)s from %(day)s") % {"value": value, "day": since}


def _mark(found: Explanation, level: object) -> str:
    return "  ←" if level is found.decided_by else ""
