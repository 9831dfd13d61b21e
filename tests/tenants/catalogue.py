"""What the database's own catalogue says about isolation: every departure from the rules, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db import connection

EXPECTED_POLICIES = {
    "lianxi_owner": "tenant_id",
    "lianxi_member": "tenant_id",
    "lianxi_street": "street_id",
    "lianxi_district": "district_id",
    "lianxi_admin": "tenant_id",
}
WRITERS = ("lianxi_owner", "lianxi_member", "lianxi_admin")

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
    "tenants_passwordrecord",  # a person's own, whatever posts they hold
    "mfa_authenticator",
    "lianxi_cache",  # failed attempts to sign in, counted before any tenant is known
    "account_emailaddress",  # allauth's; these five stay empty
    "account_emailconfirmation",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    "django_session",
    "django_migrations",
    "django_content_type",
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
}

# What the levels set is read by everybody below; each policy is reviewed as it stands.
OPEN_TABLES = {"workflows_parametersetting"}
OPEN_POLICIES = {
    ("workflows_parametersetting", "readers"): (
        "r",
        True,
        "true",
        None,
        ["lianxi_app", "lianxi_district", "lianxi_member", "lianxi_street"],
    ),
    ("workflows_parametersetting", "setter"): (
        "a",
        True,
        None,
        "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::bigint)",
        ["lianxi_member"],
    ),
}

# Who may do more than read the tables that belong to no tenant; each right is reviewed.
SHARED_RIGHTS = {
    "tenants_tenant": {("lianxi_admin", "INSERT")},
    "tenants_user": {("lianxi_admin", "INSERT")},
    "tenants_apitoken": set(),
    "tenants_passwordrecord": {("lianxi_app", "INSERT"), ("lianxi_app", "DELETE")},
    "mfa_authenticator": {
        *(("lianxi_app", right) for right in ("INSERT", "UPDATE", "DELETE")),
        ("lianxi_admin", "DELETE"),
    },
    "lianxi_cache": {("lianxi_app", right) for right in ("INSERT", "UPDATE", "DELETE")},
    "account_emailaddress": set(),
    "account_emailconfirmation": set(),
    "socialaccount_socialaccount": set(),
    "socialaccount_socialapp": set(),
    "socialaccount_socialtoken": set(),
    "workflows_parametersetting": {("lianxi_member", "INSERT")},
}

# Indexes that do not begin with the tenant, each reviewed.
OTHER_INDEXES = {
    "step_timer",  # the dispatcher looks for due timers in every tenant
    "step_post_queue",  # a street's or a district's own inbox: steps in the cases of many tenants
    "step_person_queue",
    "step_open_in_district",  # what waits in a district, oldest first
    "case_street",
    "decision_by_person",  # what an officer decided in many tenants
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
       ARRAY(SELECT rolname FROM pg_roles r WHERE r.oid = ANY (p.polroles) ORDER BY 1)
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

# From the catalogue itself: the information schema shows a role its own grants only.
_GRANTS = """
SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), g.privilege_type
FROM pg_class c CROSS JOIN aclexplode(c.relacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 'S'
  AND coalesce(r.rolname, 'PUBLIC') <> 'lianxi_owner'
"""

_COLUMN_GRANTS = """
SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), g.privilege_type || ' ' || a.attname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
CROSS JOIN aclexplode(a.attacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE c.relnamespace = 'public'::regnamespace
"""

# Rights on single columns, each reviewed.
PLACE_ONLY = {"SELECT tenant_id", "UPDATE street_id", "UPDATE district_id"}
COLUMN_RIGHTS = {
    ("tenants_user", "lianxi_app"): {"UPDATE password", "UPDATE last_login"},
    ("tenants_passwordrecord", "lianxi_app"): {"UPDATE encoded"},
    ("mfa_authenticator", "lianxi_admin"): {"SELECT user_id"},
    ("tenants_user", "lianxi_admin"): {
        *(f"SELECT {name}" for name in ("id", "username", "full_name", "is_active")),
        *(f"UPDATE {name}" for name in ("full_name", "is_active", "password")),
    },
    ("tenants_tenant", "lianxi_admin"): {
        f"UPDATE {name}" for name in ("name", "parent_id", "street_id", "district_id", "closed_on")
    },
    ("workflows_task", "lianxi_dispatch"): {
        f"SELECT {name}" for name in ("tenant_id", "id", "status", "scheduled")
    },
}

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
    shared = SHARED_TABLES | OPEN_TABLES
    return [name for name, *_, has_tenant in _rows(_TABLES) if has_tenant and name not in shared]


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
    for key, wanted in OPEN_POLICIES.items():
        policy = found.pop(key, None)
        if policy is None or tuple(policy) != wanted:
            yield f"{key[0]}: the policy {key[1]} is {policy}, not {wanted}"
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
    writes = key[1] in WRITERS
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
        elif table in tables and grantee == "lianxi_admin":
            yield f"{table}: administration may {right} more than the place"
        elif table in tables and right != "SELECT" and grantee != "lianxi_member":
            yield f"{table}: the reader {grantee} may {right}"
        elif table == "audit_event" and right in ("UPDATE", "DELETE"):
            yield f"{table}: {grantee} may {right} the log"
    yield from _shared_right_problems()
    yield from _column_right_problems(tables)
    for role, is_super, bypasses, inherits in _rows(_ROLES):
        if is_super or inherits or (bypasses and role != "lianxi_backup"):
            yield f"the role {role} is not bound"


def _shared_right_problems() -> Iterator[str]:
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for table, grantee, right in _rows(_GRANTS):
        if right != "SELECT":
            found[table].add((grantee, right))
    for table, expected in SHARED_RIGHTS.items():
        for grantee, right in found[table] ^ expected:
            yield f"{table}: the right of {grantee} to {right} is missing or not on the reviewed list"


def _column_right_problems(tables: set[str]) -> Iterator[str]:
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for table, grantee, right in _rows(_COLUMN_GRANTS):
        found[table, grantee].add(right)
    expected = {(table, "lianxi_admin"): PLACE_ONLY for table in tables} | COLUMN_RIGHTS
    for key in expected.keys() | found.keys():
        for right in found.get(key, set()) ^ expected.get(key, set()):
            yield f"{key[0]}: the right of {key[1]} to {right} is missing or not on the reviewed list"
