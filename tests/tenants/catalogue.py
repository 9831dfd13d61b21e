"""What the database's own catalogue says about isolation: every departure from the rules, in words."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

EXPECTED_POLICIES = {
    "lianxi_owner": "tenant_id",
    "lianxi_member": "tenant_id",
    "lianxi_street": "street_id",
    "lianxi_district": "district_id",
}

# Further readers, each reviewed: what they see is one equality as well.
EXTRA_POLICIES = {
    ("tenants_appointment", "lianxi_app"): "user_id",
    ("workflows_task", "lianxi_dispatch"): "status",
}

# Tables without a tenant, each reviewed: no row of theirs belongs to one.
SHARED_TABLES = {
    "tenants_tenant",  # the tree itself
    "tenants_user",  # a person may hold posts in several tenants
    "tenants_apitoken",  # found before any tenant is known
    "django_session",
    "django_migrations",
    "django_content_type",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
}

# Indexes that do not begin with the tenant, each reviewed.
OTHER_INDEXES = {
    "step_timer",  # the dispatcher looks for due timers in every tenant
    "step_open_in_street",  # a street's own inbox
    "case_street",
    "decision_street_actor",
    "appointment_user",  # a person's own posts
}

_TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, r.rolname,
       EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
                                              AND NOT a.attisdropped)
FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
"""

_POLICIES = """
SELECT c.relname, p.polname, p.polcmd, p.polpermissive, pg_get_expr(p.polqual, p.polrelid),
       pg_get_expr(p.polwithcheck, p.polrelid),
       ARRAY(SELECT rolname FROM pg_roles r WHERE r.oid = ANY (p.polroles))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid ORDER BY 1, 2
"""

_KEYS = """
SELECT c.relname, k.conname, k.contype, t.relname,
       (SELECT array_agg(a.attname ORDER BY o.n) FROM unnest(k.conkey) WITH ORDINALITY o(num, n)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.num)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class t ON t.oid = k.confrelid
WHERE k.contype IN ('p', 'u', 'f') AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""

_INDEXES = """
SELECT c.relname, i.relname, a.attname
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""

_VOLATILE = """
SELECT c.relname, p.polname, f.proname
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
                AND d.refclassid = 'pg_proc'::regclass
JOIN pg_proc f ON f.oid = d.refobjid WHERE f.provolatile = 'v'
"""

_GRANTS = """
SELECT table_name, grantee, privilege_type FROM information_schema.role_table_grants
WHERE table_schema = 'public' AND (grantee = 'PUBLIC' OR grantee LIKE 'lianxi\\_%')
  AND grantee <> 'lianxi_owner'
"""

_ROLES = """
SELECT rolname, rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname LIKE 'lianxi\\_%'
"""

_VIEWS = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace
  AND (relkind = 'm' OR (relkind = 'v' AND NOT 'security_invoker=true' = ANY (coalesce(reloptions, '{}'))))
"""


def problems() -> list[str]:
    """Return every departure; an empty list means that the schema keeps tenants apart."""
    return [*_table_problems(), *_policy_problems(), *_key_problems(), *_right_problems()]


def tenant_tables() -> list[str]:
    return [name for name, *_, has_tenant in _rows(_TABLES) if has_tenant and name not in SHARED_TABLES]


def _rows(sql: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _table_problems() -> Iterator[str]:
    for name, enabled, forced, owner, has_tenant in _rows(_TABLES):
        if name.startswith("procrastinate_") or name in SHARED_TABLES:
            continue
        if not enabled:
            yield f"{name}: row-level security is off"
        if not forced:
            yield f"{name}: row-level security does not bind the owner"
        if owner != "lianxi_owner":
            yield f"{name}: owned by {owner}"
        if not has_tenant and not name.startswith("viewflow_"):
            yield f"{name}: has no tenant_id and is not on the reviewed list"


def _policy_problems() -> Iterator[str]:
    found = {(table, name): row for table, name, *row in _rows(_POLICIES)}
    expected = {(t, role): column for t in tenant_tables() for role, column in EXPECTED_POLICIES.items()}
    expected |= EXTRA_POLICIES
    for key in expected.keys() - found.keys():
        yield f"{key[0]}: the policy of {key[1]} is missing"
    for key in found.keys() - expected.keys():
        yield f"{key[0]}: the policy {key[1]} is not on the reviewed list"
    for key in expected.keys() & found.keys():
        yield from _policy_shape(key, found[key], expected[key])
    for table, policy, function in _rows(_VOLATILE):
        yield f"{table}: the policy {policy} calls the volatile {function}"


def _policy_shape(key: tuple[str, str], row: list, column: str) -> Iterator[str]:
    command, permissive, using, check, roles = row
    writes = key[1] in ("lianxi_owner", "lianxi_member")
    setting = f"(NULLIF(current_setting('app.{column}'::text, true), ''::text))::bigint"
    condition = "((status)::text = 'SCHEDULED'::text)" if column == "status" else f"({column} = {setting})"
    wanted = ("*" if writes else "r", True, condition, condition if writes else None, [key[1]])
    if (command, permissive, using, check, roles) != wanted:
        yield f"{key[0]}: the policy {key[1]} is {row}, not {wanted}"


def _key_problems() -> Iterator[str]:
    tables = set(tenant_tables())
    for table, name, kind, target, columns in _rows(_KEYS):
        if table not in tables:
            continue
        if kind in ("p", "u") and columns[0] != "tenant_id":
            yield f"{table}: the key {name} does not begin with tenant_id"
        if kind == "f" and target in tables and columns[0] != "tenant_id":
            yield f"{table}: the reference {name} can point into another tenant"
    for table, name, first in _rows(_INDEXES):
        if table in tables and first != "tenant_id" and name not in OTHER_INDEXES:
            yield f"{table}: the index {name} does not begin with tenant_id"
    for (view,) in _rows(_VIEWS):
        yield f"{view}: a view that does not check the reader's own rights"


def _right_problems() -> Iterator[str]:
    tables = set(tenant_tables())
    for table, grantee, right in _rows(_GRANTS):
        if grantee == "PUBLIC":
            yield f"{table}: everybody may {right}"
        elif right in ("TRUNCATE", "REFERENCES", "TRIGGER"):
            yield f"{table}: {grantee} may {right}"
        elif table.startswith("viewflow_") and grantee != "lianxi_backup":
            yield f"{table}: {grantee} may {right} a table that nobody uses"
        elif table in tables and right != "SELECT" and grantee != "lianxi_member":
            yield f"{table}: the reader {grantee} may {right}"
        elif table == "audit_event" and right in ("UPDATE", "DELETE"):
            yield f"{table}: {grantee} may {right} the log"
    for role, is_super, bypasses, inherits in _rows(_ROLES):
        if is_super or inherits or (bypasses and role != "lianxi_backup"):
            yield f"the role {role} is not bound"
