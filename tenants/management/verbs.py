"""What the commands of administration share: looking names up, `--as`, and refusals in words."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from tenants.actors import Actor, actor_for
from tenants.models import Tenant, User
from tenants.refusals import Refused

Verb = Callable[[dict[str, Any], Actor | None], None]


class AdministrationCommand(BaseCommand):
    """A command of several verbs; each calls one function of `tenants.administration`."""

    def add_verb(self, verbs: Any, name: str, run: Verb, **options: Any) -> CommandParser:
        """Add a verb; `--as` lets it act as a person, with that person's rights and name in the log."""
        parser: CommandParser = verbs.add_parser(name, **options)
        parser.add_argument(
            "--as", dest="acting", metavar="USERNAME", help="act as this person instead of as the operator"
        )
        parser.set_defaults(run=run)
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        actor = actor_for(find_user(options["acting"], active=True)) if options["acting"] else None
        try:
            options["run"](options, actor)
        except Refused as refused:
            raise CommandError(refused.message) from refused


def find_tenant(slug: str) -> Tenant:
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(_("There is no tenant “%(slug)s”.") % {"slug": slug})
    return tenant


def find_user(username: str, *, active: bool = False) -> User:
    user = User.objects.filter(username=username).first()
    if user is None or (active and not user.is_active):
        raise CommandError(_("There is no active user “%(username)s”.") % {"username": username})
    return user


def day(text: str) -> date:
    """Read a day such as 2026-07-01."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("“%(text)s” is no day such as 2026-07-01.") % {"text": text}) from error
