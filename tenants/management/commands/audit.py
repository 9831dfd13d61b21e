"""`audit verify`: recompute the hash chain of every tenant's log, or of one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.verify import Verdict, verify
from tenants.models import Tenant
from tenants.scope import tenant_scope


class Command(BaseCommand):
    help = "Verify the audit logs; exits with an error that names the first bad entry of each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["verify"])
        parser.add_argument("--tenant", metavar="SLUG", help="verify this tenant's log only")

    def handle(self, *args: Any, **options: Any) -> None:
        tenants = Tenant.objects.order_by("pk")
        if options["tenant"]:
            tenants = tenants.filter(slug=options["tenant"])
            if not tenants:
                raise CommandError(f'There is no tenant with the address "{options["tenant"]}".')
        verdicts = [(tenant, _verdict(tenant)) for tenant in tenants]
        checked = sum(verdict.checked for _, verdict in verdicts)
        bad = [f"{tenant.name} ({tenant.slug}): {v.problem}" for tenant, v in verdicts if not v.intact]
        if bad:
            raise CommandError("The audit log is not intact.\n" + "\n".join(bad))
        self.stdout.write(f"Intact: {checked} entries of {len(verdicts)} tenants.")


def _verdict(tenant: Tenant) -> Verdict:
    with tenant_scope(tenant):
        return verify(tenant.pk)
