"""`token create | list | revoke`: machine tokens for the API, made and revoked by the operator."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tenants import trail
from tenants.actors import actor_for
from tenants.models import ApiToken, Tenant, User
from tenants.owner import as_owner
from tenants.scope import tenant_scope
from tenants.tokens import create_token

MAX_DAYS = 366
LONGEST_NAME = 100


class Command(BaseCommand):
    help = "Create, list and revoke tokens. A token acts as one person in one tenant."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="create a token and print it, for the only time")
        create.add_argument("--user", required=True, metavar="USERNAME")
        create.add_argument("--tenant", required=True, metavar="SLUG")
        create.add_argument("--name", required=True, help="what the token is for")
        create.add_argument("--days", type=int, default=90, help=f"valid for so long, 1 to {MAX_DAYS}")
        verbs.add_parser("list", help="list the tokens; they themselves are not stored")
        revoke = verbs.add_parser("revoke", help="end a token at once")
        revoke.add_argument("token", metavar="NAME|ID")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "create":
            self._create(options["user"], options["tenant"], options["name"].strip(), options["days"])
        elif verb == "list":
            self._list()
        else:
            self._revoke(options["token"])

    def _create(self, username: str, slug: str, name: str, days: int) -> None:
        if not 1 <= days <= MAX_DAYS:
            raise CommandError(f"--days must be from 1 to {MAX_DAYS}.")
        if not 1 <= len(name) <= LONGEST_NAME:
            raise CommandError(f"--name must have 1 to {LONGEST_NAME} characters.")
        user, tenant = _user(username), _tenant(slug)
        if not actor_for(user).roles_at(tenant.pk):
            raise CommandError(
                f'{user.full_name} ("{username}") holds no post at {tenant.name} ("{slug}") today.'
            )
        with as_owner():
            token = create_token(user, tenant, name=name, days=days)
        # Nobody knows the token before it is printed, so one that could not be logged is of no use to anyone.
        _record("token.created", tenant, {"name": name, "user": username, "days": days})
        self.stderr.write(f"{name}: acts as {user.full_name} at {tenant.name} for {days} days.")
        self.stderr.write("Keep it now; it is not shown again:")
        self.stdout.write(token)

    def _list(self) -> None:
        now = timezone.now()
        lines = [("ID", "NAME", "USER", "TENANT", "EXPIRES", "STATE")]
        for token in ApiToken.objects.select_related("user", "tenant").order_by("pk"):
            expires = timezone.localtime(token.expires_at).strftime("%Y-%m-%d %H:%M")
            state = "valid" if token.expires_at > now else "ended"
            line = (str(token.pk), token.name, token.user.username, token.tenant.slug, expires, state)
            lines.append(line)
        for line in lines:
            self.stdout.write("\t".join(line))

    def _revoke(self, given: str) -> None:
        token = _valid_token(given)
        with as_owner():
            ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
        _record("token.revoked", token.tenant, {"name": token.name, "user": token.user.username})
        self.stdout.write(f"Revoked: {token.name} (ID {token.pk}).")


def _user(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f'There is no active user with the user name "{username}".')
    return user


def _tenant(slug: str) -> Tenant:
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f'There is no tenant with the address "{slug}".')
    return tenant


def _valid_token(given: str) -> ApiToken:
    valid = ApiToken.objects.select_related("user", "tenant").filter(expires_at__gt=timezone.now())
    found = list(valid.filter(name=given).order_by("pk"))
    if not found and given.isascii() and given.isdigit():
        found = list(valid.filter(pk=int(given)))
    if not found:
        raise CommandError(f'There is no valid token with the name or ID "{given}".')
    if len(found) > 1:
        numbers = ", ".join(str(token.pk) for token in found)
        raise CommandError(f'Several tokens are named "{given}"; revoke one by its ID: {numbers}.')
    return found[0]


def _record(verb: str, tenant: Tenant, changes: dict[str, Any]) -> None:
    with tenant_scope(tenant):
        trail.record(verb, actor=None, changes=changes)
