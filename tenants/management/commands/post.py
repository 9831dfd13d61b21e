"""`post appoint | end | hand-over | list`: who holds which post, from which day to which."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.administration.appoint import appoint
from tenants.administration.end_post import end_post
from tenants.administration.hand_over import hand_over
from tenants.management.verbs import AdministrationCommand, day, find_tenant, find_user
from tenants.models import Appointment, Role, User
from tenants.scope import tenant_scope


class Command(AdministrationCommand):
    help = "Give, end and hand over posts. Days are written 2026-07-01; the last day is included."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        giving = self.add_verb(verbs, "appoint", self._appoint, help="give a person a post")
        giving.add_argument("--user", required=True, metavar="USERNAME")
        giving.add_argument("--from", dest="starts_on", type=day, metavar="DAY", help="today without it")
        giving.add_argument("--to", dest="ends_on", type=day, metavar="DAY", help="until further notice")
        ending = self.add_verb(verbs, "end", self._end, help="let a post end")
        ending.add_argument("--user", required=True, metavar="USERNAME")
        ending.add_argument("--on", dest="ends_on", type=day, required=True, metavar="DAY", help="last day")
        handing = self.add_verb(verbs, "hand-over", self._hand_over, help="from one person to the next")
        handing.add_argument("--from-user", required=True, metavar="USERNAME")
        handing.add_argument("--to-user", required=True, metavar="USERNAME")
        handing.add_argument("--last-day", type=day, required=True, metavar="DAY", help="the leaver's")
        listing = self.add_verb(verbs, "list", self._list, help="show a tenant's posts")
        for parsed in (giving, ending, handing):
            parsed.add_argument("--role", required=True, choices=Role.values, metavar="ROLE")
        for parsed in (giving, ending, handing, listing):
            parsed.add_argument("--tenant", required=True, metavar="SLUG")

    def _appoint(self, options: dict[str, Any], actor: Actor | None) -> None:
        user = find_user(options["user"])
        made = appoint(
            find_tenant(options["tenant"]),
            user=user,
            role=options["role"],
            starts_on=options["starts_on"],
            ends_on=options["ends_on"],
            actor=actor,
        )
        details = {"name": user.full_name, "post": Role(made.role).label, "day": made.starts_on}
        self.stdout.write(_("%(name)s is “%(post)s” from %(day)s on.") % details)

    def _end(self, options: dict[str, Any], actor: Actor | None) -> None:
        user = find_user(options["user"])
        ended = end_post(
            find_tenant(options["tenant"]),
            user=user,
            role=options["role"],
            ends_on=options["ends_on"],
            actor=actor,
        )
        details = {"name": user.full_name, "day": options["ends_on"], "count": ended.released}
        self.stdout.write(_("%(name)s: last day %(day)s; %(count)s claimed steps were released.") % details)

    def _hand_over(self, options: dict[str, Any], actor: Actor | None) -> None:
        leaver, successor = find_user(options["from_user"]), find_user(options["to_user"])
        done = hand_over(
            find_tenant(options["tenant"]),
            role=options["role"],
            leaver=leaver,
            successor=successor,
            last_day=options["last_day"],
            actor=actor,
        )
        details = {"name": successor.full_name, "day": done.new.starts_on, "count": done.released}
        self.stdout.write(
            _("%(name)s holds the post from %(day)s on; %(count)s claimed steps were released.") % details
        )

    def _list(self, options: dict[str, Any], actor: Actor | None) -> None:
        with tenant_scope(find_tenant(options["tenant"])):
            held = list(
                Appointment.objects.order_by("role", "starts_on").values_list(
                    "user_id", "role", "starts_on", "ends_on"
                )
            )
        people = User.objects.in_bulk([pk for pk, *_rest in held])
        for pk, role, starts_on, ends_on in held:
            person = people[pk]
            self.stdout.write(
                "\t".join((role, person.username, person.full_name, f"{starts_on} – {ends_on or ''}"))
            )
