"""Mutations of the database: every policy dropped and widened, every table unbound, a key removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ROWS = "tests/permissions/test_rows.py"
LAYERS = "tests/permissions/test_layers.py::test_a_step_is_decided_once_even_by_those_who_hold_no_lock"
CATALOGUE = "tests/tenants/test_catalogue.py::test_every_tenant_table_keeps_the_rules"

SUITES = (ROWS, LAYERS, CATALOGUE)

_POLICIES = """
SELECT c.relname, p.polname, p.polcmd, pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid), (SELECT rolname FROM pg_roles WHERE oid = p.polroles[1])
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relname = %s ORDER BY 1, 2
"""
_COMMANDS = {"*": "ALL", "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}


@dataclass(frozen=True)
class DatabaseMutation:
    """A change of one table, and how to take it back."""

    name: str
    sql: str
    undo: str
    first: str = ROWS
    """The suite to ask first; the others follow."""


def mutations_of(admin: Any, table: str) -> list[DatabaseMutation]:
    """Return every mutation of one table, as it stands in the database now."""
    found = []
    for _, policy, command, using, check, role in admin.execute(_POLICIES, [table]).fetchall():
        on = f'"{policy}" ON "{table}"'
        whole = f"CREATE POLICY {on} FOR {_COMMANDS[command]} TO {role} USING ({using})"
        whole += f" WITH CHECK ({check})" if check else ""
        found += [
            DatabaseMutation(f"{table}: no policy {policy}", f"DROP POLICY {on}", whole),
            DatabaseMutation(
                f"{table}: {policy} sees all rows",
                f"ALTER POLICY {on} USING (true)",
                f"ALTER POLICY {on} USING ({using})",
            ),
        ]
        if check:
            found.append(
                DatabaseMutation(
                    f"{table}: {policy} writes anywhere",
                    f"ALTER POLICY {on} WITH CHECK (true)",
                    f"ALTER POLICY {on} WITH CHECK ({check})",
                )
            )
    alter = f'ALTER TABLE "{table}"'
    found += [
        DatabaseMutation(
            f"{table}: not forced",
            f"{alter} NO FORCE ROW LEVEL SECURITY",
            f"{alter} FORCE ROW LEVEL SECURITY",
        ),
        DatabaseMutation(
            f"{table}: no row-level security",
            f"{alter} DISABLE ROW LEVEL SECURITY",
            f"{alter} ENABLE ROW LEVEL SECURITY",
        ),
    ]
    if table == "workflows_decision":
        found.append(
            DatabaseMutation(
                f"{table}: a step may be decided twice",
                f"{alter} DROP CONSTRAINT one_decision_per_step",
                f"{alter} ADD CONSTRAINT one_decision_per_step UNIQUE (tenant_id, task_id)",
                LAYERS,
            )
        )
    return found
