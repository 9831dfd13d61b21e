"""`account create | suspend | resume | reset-password | remove-second-factor`: with what people sign in."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from tenants.actors import Actor
from tenants.administration.create_account import NewAccount, create_account
from tenants.administration.remove_second_factor import remove_second_factor
from tenants.administration.reset_password import reset_password
from tenants.administration.resume import resume
from tenants.administration.suspend import suspend
from tenants.management.verbs import AdministrationCommand, find_tenant, find_user


class Command(AdministrationCommand):
    help = "Create, suspend and resume accounts. What an account may do comes from posts: see `post`."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
        creating = self.add_verb(
            verbs, "create", self._create, help="create an account and print its password"
        )
        creating.add_argument("username", metavar="USERNAME")
        creating.add_argument("--name", required=True, help="the person's full name")
        creating.add_argument("--tenant", required=True, metavar="SLUG", help="where the person will work")
        suspending = self.add_verb(verbs, "suspend", self._suspend, help="lock a person out at once")
        suspending.add_argument("username", metavar="USERNAME")
        suspending.add_argument("--reason", required=True)
        resuming = self.add_verb(verbs, "resume", self._resume, help="let a suspended person in again")
        resuming.add_argument("username", metavar="USERNAME")
        resetting = self.add_verb(
            verbs, "reset-password", self._reset_password, help="give new passwords and print them"
        )
        resetting.add_argument("usernames", nargs="+", metavar="USERNAME")
        removing = self.add_verb(
            verbs, "remove-second-factor", self._remove_second_factor, help="for who has lost their telephone"
        )
        removing.add_argument("username", metavar="USERNAME")
        for parsed in (creating, resetting):
            parsed.add_argument(
                "--ask", action="store_true", help="ask for the password instead of making one up"
            )

    def _create(self, options: dict[str, Any], actor: Actor | None) -> None:
        made = create_account(
            find_tenant(options["tenant"]),
            username=options["username"],
            full_name=options["name"],
            password=_password(options),
            actor=actor,
        )
        self._show(made, options)

    def _suspend(self, options: dict[str, Any], actor: Actor | None) -> None:
        ended = suspend(find_user(options["username"]), reason=options["reason"], actor=actor)
        details = {"name": ended.user.full_name, "sessions": ended.sessions, "steps": ended.released}
        message = _("%(name)s is suspended: %(sessions)s sessions ended, %(steps)s claimed steps released.")
        self.stdout.write(message % details)

    def _resume(self, options: dict[str, Any], actor: Actor | None) -> None:
        user = resume(find_user(options["username"]), actor=actor)
        self.stdout.write(_("%(name)s may sign in again.") % {"name": user.full_name})

    def _reset_password(self, options: dict[str, Any], actor: Actor | None) -> None:
        users = [find_user(username) for username in options["usernames"]]
        for user in users:
            self._show(reset_password(user, password=_password(options), actor=actor), options)

    def _remove_second_factor(self, options: dict[str, Any], actor: Actor | None) -> None:
        user = find_user(options["username"])
        remove_second_factor(user, actor=actor)
        self.stdout.write(_("The second factor of %(name)s is removed.") % {"name": user.full_name})

    def _show(self, account: NewAccount, options: dict[str, Any]) -> None:
        """Print a password that was made up here, for the only time."""
        shown = "" if options["ask"] else f"\t{account.password}"
        self.stdout.write(f"{account.user.username}\t{account.user.full_name}{shown}")


def _password(options: dict[str, Any]) -> str:
    if not options["ask"]:
        return ""
    prompt = _("Password: ")
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
