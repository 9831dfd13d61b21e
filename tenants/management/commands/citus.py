"""`citus distribute` and `citus check`: spread the tenants over the nodes of a Citus cluster."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants import distribution
from tenants.distribution import NotDistributable, Plan, citus_version, make_plan, placed
from tenants.distribution_rules import problems

NO_CITUS = (
    "The extension citus is not in this database. Install Citus {} or newer on every node, put citus first "
    "into shared_preload_libraries, restart, and run CREATE EXTENSION citus as a superuser in this database "
    "on every node; docs/how-to/scale-out.md goes through it. Without it one server holds every tenant."
).format(".".join(map(str, distribution.OLDEST_CITUS)))

NO_ADMIN = (
    "Set DATABASE_ADMIN_URL to a superuser's address on the coordinator: the owner cannot see every row."
)


class Command(BaseCommand):
    help = "Distribute the tenant tables over a Citus cluster, or check that they are or can be."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        distribute = verbs.add_parser("distribute", help="distribute what is not distributed yet")
        distribute.add_argument("--dry-run", action="store_true", help="print the statements only")
        distribute.add_argument("--shards", type=int, default=32, help="into how many parts (default: 32)")
        verbs.add_parser("check", help="report what is distributed, and what could not be")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "check":
            self._check()
        else:
            self._distribute(options["shards"], dry_run=options["dry_run"])

    def _distribute(self, shards: int, *, dry_run: bool) -> None:
        plan = make_plan(shards=shards)
        if dry_run:
            self._print(plan)
            return
        self._require_citus()
        if broken := problems():
            raise CommandError("\n".join(["The schema cannot be distributed:", *broken]))
        if not settings.ADMIN_CONNINFO:
            raise CommandError(NO_ADMIN)
        try:
            distribution.distribute(plan, settings.ADMIN_CONNINFO)
        except NotDistributable as error:
            raise CommandError(str(error)) from error
        for stage in plan.stages:
            self.stdout.write(f"{stage.title}: {len(stage.statements)}")
        self._check()

    def _print(self, plan: Plan) -> None:
        self.stdout.write("-- On every node")
        for command in plan.roles:
            self.stdout.write(f"{command};")
        self.stdout.write("-- On the coordinator, as a superuser\nBEGIN;")
        for stage in plan.stages:
            self.stdout.write(f"-- {stage.title}")
            for statement in stage.statements:
                self.stdout.write(f"{statement};")
        self.stdout.write("COMMIT;")

    def _check(self) -> None:
        broken = problems()
        for problem in broken:
            self.stdout.write(problem)
        self.stdout.write(f"Rules for distributed tables: {len(broken)} broken.")
        self._require_citus()
        missing = self._report_places()
        if broken or missing:
            raise CommandError("Not everything is, or can be, distributed.")

    def _report_places(self) -> int:
        """Print where each table is; return how many are not where they belong."""
        there, missing, together = placed(), 0, set[int]()
        wanted = dict.fromkeys(distribution.tenant_tables(), "distributed")
        wanted |= dict.fromkeys(distribution.shared_tables(), "reference")
        for table, kind in wanted.items():
            at = there.get(table)
            right = (
                at is not None
                and at.kind == kind
                and at.column == ("tenant_id" if kind == "distributed" else None)
            )
            missing += not right
            if right and at is not None and kind == "distributed":
                together.add(at.colocation)
            self.stdout.write(f"{table}: {kind if right else f'not {kind} yet'}")
        if len(together) > 1:
            self.stdout.write("The tenant tables do not lie together: a tenant's rows are on several nodes.")
        return missing + max(0, len(together) - 1)

    def _require_citus(self) -> None:
        version = citus_version()
        if version is None:
            raise CommandError(NO_CITUS)
        if version < distribution.OLDEST_CITUS:
            raise CommandError(f"Citus {'.'.join(map(str, version))} is too old. {NO_CITUS}")
