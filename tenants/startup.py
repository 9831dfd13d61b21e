"""Refuse to serve through a database role that row-level security does not bind."""

from __future__ import annotations

from django.db import connections

from tenants.errors import UnsafeDatabaseRole

_ROLE = """
SELECT current_user, rolsuper, rolbypassrls,
       EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relrowsecurity AND n.nspname = 'public'
                 AND (c.relowner = r.oid OR pg_has_role(r.oid, c.relowner, 'MEMBER')))
FROM pg_roles r WHERE rolname = current_user
"""

_REMEDY = (
    "Connect as lianxi_app: set DATABASE_URL to that role (DATABASE_OWNER_URL is the one for migrations). "
    "`manage.py database prepare` creates it."
)


def refuse_unsafe_role(alias: str = "default") -> None:
    """Raise UnsafeDatabaseRole if the connection is a superuser's, a BYPASSRLS role's or the owner's."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_ROLE)
        row = cursor.fetchone()
    name, is_super, bypasses, owns = row
    for wrong, why in (
        (is_super, "is a superuser"),
        (bypasses, "has BYPASSRLS"),
        (owns, "owns the tables"),
    ):
        if wrong:
            raise UnsafeDatabaseRole(
                f'The database role "{name}" {why}, so row-level security would not bind it. {_REMEDY}'
            )
