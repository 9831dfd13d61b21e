"""Spread the tenant tables over the nodes of a Citus cluster: what to do, in which order, and doing it.

A tenant's rows of every table lie together on one node. What the rows refer to outside their tenant, the tree
and the people, is copied to every node. References stand in the way while tables are moved: they are dropped
first and added again last, all in one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.apps import apps
from django.db import connection
from django.db.models import Model
from psycopg.conninfo import make_conninfo

from audit.models import LogRow
from tenants.provision import READERS
from tenants.rows import SCOPE_COLUMNS, TenantModel

OLDEST_CITUS = (13, 1)
"""The first version that hands rights on single columns to the nodes."""

_TENANT_TABLES = """
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND (SELECT count(*) FROM pg_attribute a
       WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname = ANY (%s)) = %s
ORDER BY 1
"""
# The tree carries a street and a district as well, but has no tenant_id: it is the tenants.

_REFERENCES = """
SELECT c.relname, k.conname, t.relname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace AND k.conparentid = 0 ORDER BY 1, 2
"""

_COLUMN_RIGHTS = """
SELECT c.relname, g.privilege_type, r.rolname, array_agg(a.attname::text ORDER BY a.attnum)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
CROSS JOIN aclexplode(a.attacl) g JOIN pg_roles r ON r.oid = g.grantee
WHERE c.relnamespace = 'public'::regnamespace GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""

_CITUS = "SELECT extversion FROM pg_extension WHERE extname = 'citus'"

_PLACED = """
SELECT c.relname, p.partmethod, p.repmodel, p.colocationid,
       CASE p.partmethod WHEN 'h' THEN column_to_column_name(p.logicalrelid, p.partkey) END
FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid
WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1
"""


class NotDistributable(Exception):
    """The tables cannot be distributed; the message says why, and what to do."""


@dataclass(frozen=True)
class Reference:
    """A foreign key as the catalogue has it."""

    table: str
    name: str
    target: str
    definition: str


@dataclass(frozen=True)
class Placed:
    """Where a table's rows are: `kind` is distributed, reference or local."""

    kind: str
    column: str | None
    colocation: int


@dataclass(frozen=True)
class Stage:
    title: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """`roles` are commands for every node; `stages` are one transaction on the coordinator."""

    roles: tuple[str, ...]
    stages: tuple[Stage, ...]

    @property
    def statements(self) -> list[str]:
        return [statement for stage in self.stages for statement in stage.statements]


def tenant_models() -> list[type[Model]]:
    """Return every model whose rows belong to a tenant, by table."""
    models = [model for model in apps.get_models() if issubclass(model, TenantModel | LogRow)]
    return sorted(models, key=lambda model: model._meta.db_table)


def tenant_tables() -> list[str]:
    """Return every table whose rows belong to a tenant, as the catalogue knows them."""
    return [name for (name,) in _rows(_TENANT_TABLES, [list(SCOPE_COLUMNS), len(SCOPE_COLUMNS)])]


def shared_tables() -> list[str]:
    """Return the tables that tenant rows refer to, however far away, and that belong to no tenant."""
    references, own = _references(), set(tenant_tables())
    found: set[str] = set()
    waiting = list(own)
    while waiting:
        near = waiting.pop()
        new = {r.target for r in references if r.table == near} - own - found
        found |= new
        waiting += new
    return sorted(found)


def citus_version() -> tuple[int, ...] | None:
    """Return the version of the extension in this database, None without it."""
    rows = _rows(_CITUS)
    return tuple(int(part) for part in re.findall(r"\d+", rows[0][0])[:2]) if rows else None


def placed() -> dict[str, Placed]:
    """Return where each table is that the extension knows; empty without it."""
    if citus_version() is None:
        return {}
    kinds = {("h", "s"): "distributed", ("h", "c"): "distributed", ("n", "t"): "reference"}
    return {
        name: Placed(kinds.get((method, replication), "local"), column, colocation)
        for name, method, replication, colocation, column in _rows(_PLACED)
    }


def make_plan(*, shards: int = 32) -> Plan:
    """Return what is still to be done; nothing that was done already is done again.

    Only the settings and the rights on single columns are always repeated: a node or a shard that came later
    may lack them.
    """
    there = placed()
    tables = [name for name in tenant_tables() if there.get(name, _LOCAL).kind != "distributed"]
    shared = [name for name in shared_tables() if there.get(name, _LOCAL).kind != "reference"]
    moving = {*tables, *shared}
    references = [r for r in _references() if {r.table, r.target} & moving]
    beside = next((name for name, at in there.items() if at.kind == "distributed"), None)
    return Plan(
        roles=tuple(f"ALTER ROLE {role} LOGIN" for role in READERS),
        stages=(
            Stage("Settings", tuple(_settings())),
            Stage("References, dropped", tuple(_drop(reference) for reference in references)),
            Stage("Tenant tables, by tenant", tuple(_distribute(tables, beside, shards))),
            Stage(
                "Shared tables, on every node", tuple(f"SELECT create_reference_table('{t}')" for t in shared)
            ),
            Stage("References, added again", tuple(_add(reference) for reference in references)),
            Stage("Rights on single columns", tuple(_column_rights())),
        ),
    )


def distribute(plan: Plan, admin_conninfo: str) -> None:
    """Carry out the plan as a superuser: forced row-level security would hide the rows from their owner."""
    conninfo = make_conninfo(admin_conninfo, dbname=connection.settings_dict["NAME"])
    with psycopg.connect(conninfo, autocommit=True) as admin:
        for command in plan.roles:
            _on_every_node(admin, command)
        with admin.transaction():
            for statement in plan.statements:
                admin.execute(statement)  # made of names in the catalogue


_LOCAL = Placed("local", None, 0)


def _on_every_node(admin: psycopg.Connection, command: str) -> None:
    results = admin.execute("SELECT nodeid, success, result FROM run_command_on_all_nodes(%s)", [command])
    failed = [f"node {node}: {result}" for node, success, result in results.fetchall() if not success]
    if failed:
        raise NotDistributable(
            f"“{command}” failed ({'; '.join(failed)}). Run `manage.py database prepare` on each node first."
        )


def _settings() -> Iterator[str]:
    name = connection.settings_dict["NAME"]
    # One connection to each node: the tree's copies and the rows that refer to them change together.
    yield "SET LOCAL citus.multi_shard_modify_mode = 'sequential'"
    # Without it the nodes see no tenant, that is no rows at all.
    yield f"ALTER DATABASE \"{name}\" SET citus.propagate_set_commands = 'local'"


def _distribute(tables: Sequence[str], beside: str | None, shards: int) -> Iterator[str]:
    for table in tables:
        place = f"colocate_with => '{beside}'" if beside else f"shard_count => {int(shards)}"
        yield f"SELECT create_distributed_table('{table}', 'tenant_id', {place})"
        beside = beside or table


def _drop(reference: Reference) -> str:
    return f'ALTER TABLE "{reference.table}" DROP CONSTRAINT "{reference.name}"'


def _add(reference: Reference) -> str:
    return f'ALTER TABLE "{reference.table}" ADD CONSTRAINT "{reference.name}" {reference.definition}'


def _column_rights() -> Iterator[str]:
    tables = {*tenant_tables(), *shared_tables()}
    for table, right, role, columns in _rows(_COLUMN_RIGHTS):
        if table in tables:
            yield f'GRANT {right} ({", ".join(columns)}) ON "{table}" TO {role}'


def _references() -> list[Reference]:
    return [Reference(*row) for row in _rows(_REFERENCES)]


def _rows(sql: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
