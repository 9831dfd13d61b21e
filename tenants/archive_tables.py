"""The tenant tables as the database's catalogue knows them: any table that a migration adds is found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection

from tenants.archive import ArchiveError, Row
from tenants.models import ABOVE_STREETS, Tenant, User
from tenants.rows import SCOPE_COLUMNS
from tenants.scope import TenantLike

# The log names its people by number without a foreign key: it outlives every other row.
UNBOUND_PEOPLE = {"audit_event": ("actor_id",)}

_TABLES = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND (SELECT count(*) FROM pg_attribute a
       WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attname = ANY (%s)) = %s
ORDER BY 1
"""

# The type without its length: a cast to it keeps a text that is too long, and the insert refuses it.
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, -1), pg_get_serial_sequence(quote_ident(c.relname), a.attname)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = %s
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY 1
"""

_KEY = """
SELECT a.attname
FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY k(num, n)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = %s AND i.indisprimary ORDER BY k.n
"""

_REFERENCES = """
SELECT t.relname,
       (SELECT array_agg(a.attname ORDER BY o.n)::text[] FROM unnest(k.conkey) WITH ORDINALITY o(num, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.num)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace AND c.relname = %s ORDER BY k.conname
"""

_MIGRATIONS = "SELECT app, name FROM django_migrations WHERE app = ANY (%s) ORDER BY 1, 2"


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    sequence: str | None


@dataclass(frozen=True)
class Table:
    """A tenant table; `people` and `tenants` are the columns that refer to something outside the tenant."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    needs: frozenset[str]
    people: tuple[str, ...]
    tenants: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


@dataclass
class Referred:
    """The people and the tenants that rows refer to, by number."""

    people: set[int] = field(default_factory=set)
    tenants: set[int] = field(default_factory=set)

    @classmethod
    def around(cls, tenant: TenantLike) -> Referred:
        """Begin with the street and the district that every row of the tenant carries."""
        return cls(tenants={tenant.street_id, tenant.district_id} - {ABOVE_STREETS})

    def note(self, table: Table, row: Row) -> None:
        names = table.names
        for found, columns in ((self.people, table.people), (self.tenants, table.tenants)):
            for column in columns:
                value = row[names.index(column)]
                if value is not None:
                    found.add(int(value))


def tenant_tables() -> list[Table]:
    """Return every tenant table, each after those that it refers to.

    Raises:
        ArchiveError: a table cannot be exported safely; says which and why.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [list(SCOPE_COLUMNS), len(SCOPE_COLUMNS)])
        found = cursor.fetchall()
    open_tables = [name for name, bound in found if not bound]
    if open_tables:
        raise ArchiveError(
            f"row-level security does not bind {', '.join(open_tables)}: rows of other tenants could get in"
        )
    return _in_order([_table(name, {name for name, _ in found}) for name, _ in found])


def _table(name: str, all_names: set[str]) -> Table:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [name])
        columns = tuple(Column(*row) for row in cursor.fetchall())
        cursor.execute(_KEY, [name])
        key = tuple(row[0] for row in cursor.fetchall())
        cursor.execute(_REFERENCES, [name])
        references = cursor.fetchall()
    outside: dict[str, list[str]] = {
        User._meta.db_table: list(UNBOUND_PEOPLE.get(name, ())),
        Tenant._meta.db_table: [],
    }
    for target, names in references:
        if target in all_names or tuple(names) == SCOPE_COLUMNS:
            continue
        if target not in outside or len(names) != 1:
            raise ArchiveError(
                f"{name} ({', '.join(names)}) refers to {target}, which a tenant's file cannot name: "
                "teach it to tenants/archive_tables.py"
            )
        outside[target] += names
    return Table(
        name=name,
        columns=columns,
        key=key,
        needs=frozenset(target for target, _ in references if target in all_names and target != name),
        people=tuple(outside[User._meta.db_table]),
        tenants=tuple(outside[Tenant._meta.db_table]),
    )


def _in_order(tables: list[Table]) -> list[Table]:
    """Sort by dependency, then by name; tables that need each other stand by name (checks are deferred)."""
    waiting, ordered, done = list(tables), [], set[str]()
    while waiting:
        following = next((table for table in waiting if table.needs <= done), waiting[0])
        waiting.remove(following)
        ordered.append(following)
        done.add(following.name)
    return ordered


def schema_state(tables: Iterable[Table]) -> dict[str, tuple[str, ...]]:
    """Return the applied migrations of the apps that own the tables."""
    names = {table.name for table in tables}
    models = apps.get_models(include_auto_created=True)
    labels = {model._meta.app_label for model in models if model._meta.db_table in names}
    with connection.cursor() as cursor:
        cursor.execute(_MIGRATIONS, [sorted(labels)])
        applied = cursor.fetchall()
    return {label: tuple(name for app, name in applied if app == label) for label in sorted(labels)}
