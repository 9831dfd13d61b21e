"""What a table must be like to be distributed by tenant: every departure from the rules, in words.

Each rule is a refusal of Citus (13.2), looked up in the catalogue. A schema without departures can be
distributed whenever it is needed, so they are tested long before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection

from tenants.distribution import tenant_tables

_KEYS = """
SELECT c.relname, i.relname FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relname = ANY (%(tables)s) AND (x.indisunique OR x.indisexclusion)
  AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
                  AND a.attnum = ANY ((x.indkey::int2[])[0:x.indnkeyatts - 1]))
ORDER BY 1, 2
"""

_REFERENCES = """
SELECT c.relname, k.conname, t.relname, k.confdeltype, k.confupdtype,
       (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]),
       (SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid AND attnum = k.confkey[1])
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
WHERE k.contype = 'f' AND (c.relname = ANY (%(tables)s) OR t.relname = ANY (%(tables)s)) ORDER BY 1, 2
"""

_SUBQUERIES = """
SELECT c.relname, p.polname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relname = ANY (%(tables)s)
  AND concat(p.polqual::text, p.polwithcheck::text) LIKE '%%{SUBLINK%%' ORDER BY 1, 2
"""

# From the expressions themselves: the catalogue keeps no dependency on a built-in function.
_FUNCTIONS = """
SELECT DISTINCT c.relname, p.polname, f.proname
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
CROSS JOIN regexp_matches(concat(p.polqual::text, p.polwithcheck::text), ':(?:op)?funcid (\\d+)', 'g') found
JOIN pg_proc f ON f.oid = found[1]::oid
WHERE c.relname = ANY (%(tables)s) AND f.provolatile = 'v' ORDER BY 1, 2, 3
"""

_TRIGGERS = """
SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relname = ANY (%(tables)s) AND NOT t.tgisinternal ORDER BY 1, 2
"""

_COUNTERS = """
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), format_type(s.seqtypid, NULL)
FROM pg_sequence s
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype IN ('a', 'i')
                AND d.refclassid = 'pg_class'::regclass
JOIN pg_class c ON c.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE c.relname = ANY (%(tables)s) AND (a.atttypid <> 'int8'::regtype OR s.seqtypid <> 'int8'::regtype)
ORDER BY 1, 2
"""

_TENANTS = """
SELECT c.relname, format_type(a.atttypid, NULL) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relname = ANY (%(tables)s) AND a.attname = 'tenant_id'
  AND NOT (a.attnotnull AND a.atttypid = 'int8'::regtype) ORDER BY 1
"""

_VIEWS = """
SELECT DISTINCT c.relname, v.relname, v.relkind
FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
JOIN pg_class v ON v.oid = r.ev_class JOIN pg_class c ON c.oid = d.refobjid
WHERE d.refclassid = 'pg_class'::regclass AND c.relname = ANY (%(tables)s) AND v.oid <> c.oid
  AND (v.relkind = 'm' OR NOT 'security_invoker=true' = ANY (coalesce(v.reloptions, '{}'))) ORDER BY 1, 2
"""


def problems() -> list[str]:
    """Return every departure; an empty list means that the tenant tables can be distributed."""
    return [*_key_problems(), *_policy_problems(), *_other_problems()]


def _key_problems() -> Iterator[str]:
    for table, kind in _rows(_TENANTS):
        yield f"{table}: tenant_id is {kind} or may be empty; tables lie together by bigint, NOT NULL"
    for table, key in _rows(_KEYS):
        yield f"{table}: the unique {key} does not contain tenant_id"
    tables = set(tenant_tables())
    for table, name, target, on_delete, on_update, column, target_column in _rows(_REFERENCES):
        if table not in tables:
            yield f"{table}: the reference {name} points from a shared table to the tenant table {target}"
        elif target in tables and (column, target_column) != ("tenant_id", "tenant_id"):
            yield f"{table}: the reference {name} to {target} does not begin with tenant_id on both sides"
        if (on_delete, on_update) != ("a", "a"):
            yield f"{table}: the reference {name} acts when its target changes; only NO ACTION may be"


def _policy_problems() -> Iterator[str]:
    for table, policy in _rows(_SUBQUERIES):
        yield f"{table}: the policy {policy} has a sub-select"
    for table, policy, function in _rows(_FUNCTIONS):
        yield f"{table}: the policy {policy} calls the volatile {function}"


def _other_problems() -> Iterator[str]:
    for table, trigger in _rows(_TRIGGERS):
        yield f"{table}: the trigger {trigger}"
    for table, column, kind, counter in _rows(_COUNTERS):
        yield f"{table}: {column} is {kind} counted by a {counter}; nodes count in bigint only"
    for table, view, kind in _rows(_VIEWS):
        what = (
            "materialised view, which keeps rows of every tenant"
            if kind == "m"
            else "view of its owner's rights"
        )
        yield f"{table}: {view} is a {what}"


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"tables": tenant_tables()})
        return list(cursor.fetchall())
