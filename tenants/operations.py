"""One line in a migration makes a model a tenant table: `TenantTable("Model")`.

It gives the table `PRIMARY KEY (tenant_id, id)`, composite foreign keys, an index for each of them,
forced row-level security with one policy per role, and the roles' grants. Running it again after a
relation was added adds what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model

from tenants.rows import TenantForeignKey


def setting(name: str) -> str:
    """Return the SQL of one of the scope's ids; unset or empty, it matches no row."""
    return f"nullif(current_setting('app.{name}', true), '')::bigint"


@dataclass(frozen=True)
class Policy:
    """One role's view of a table: a single equality, so that the planner can use an index."""

    role: str
    command: str
    condition: str

    def sql(self, table: str) -> str:
        check = f" WITH CHECK ({self.condition})" if self.command == "ALL" else ""
        return (
            f'CREATE POLICY "{self.role}" ON "{table}" FOR {self.command} TO {self.role}'
            f" USING ({self.condition}){check}"
        )


POLICIES = (
    Policy("lianxi_owner", "ALL", f"tenant_id = {setting('tenant_id')}"),
    Policy("lianxi_member", "ALL", f"tenant_id = {setting('tenant_id')}"),
    Policy("lianxi_street", "SELECT", f"street_id = {setting('street_id')}"),
    Policy("lianxi_district", "SELECT", f"district_id = {setting('district_id')}"),
    Policy("lianxi_admin", "ALL", f"tenant_id = {setting('tenant_id')}"),
)

# Administration says where one tenant's rows belong; it can neither read nor change anything else of them.
ADMIN_GRANT = "SELECT (tenant_id), UPDATE (street_id, district_id)"


class TenantTable(Operation):
    """Turn a model's table into a tenant table.

    Arguments: `model` is a name in the migration's app, or `app.Model`; `member` lists the verbs that
    the acting role is granted (nothing is deleted unless a table asks for it); `policies` and `grants`
    (role → SQL privileges) add further readers.
    """

    reduces_to_sql = True
    reversible = True
    atomic = True

    def __init__(
        self,
        model: str,
        member: str = "SELECT, INSERT, UPDATE",
        policies: tuple[Policy, ...] = (),
        grants: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.model = model
        self.member = member
        self.policies = policies
        self.grants = grants

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Django's picture of the model does not change."""

    def describe(self) -> str:
        return f"Make {self.model} a tenant table"

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = self._model(app_label, to_state)
        table = model._meta.db_table
        for statement in (
            *_key(table),
            *_foreign_keys(model),
            *_security(table, POLICIES + self.policies),
            *self._grants(table),
        ):
            schema_editor.execute(statement)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        table = self._model(app_label, from_state)._meta.db_table
        schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')

    def _model(self, app_label: str, state: Any) -> type[Model]:
        label, _, name = self.model.rpartition(".")
        model: type[Model] = state.apps.get_model(label or app_label, name)
        return model

    def _grants(self, table: str) -> list[str]:
        rights = (
            ("lianxi_member", self.member),
            ("lianxi_street", "SELECT"),
            ("lianxi_district", "SELECT"),
            ("lianxi_backup", "SELECT"),
            ("lianxi_admin", ADMIN_GRANT),
            *self.grants,
        )
        return [
            f'REVOKE ALL ON "{table}" FROM PUBLIC',
            *(f'GRANT {verbs} ON "{table}" TO {role}' for role, verbs in rights),
            f'GRANT USAGE ON SEQUENCE "{table}_id_seq" TO lianxi_member',
        ]


class ReaderPolicy(Operation):
    """Let one more role read a tenant table, by a single equality."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model: str, policy: Policy, columns: str = "") -> None:
        self.model = model
        self.policy = policy
        self.columns = columns

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Django's picture of the model does not change."""

    def describe(self) -> str:
        return f"Let {self.policy.role} read {self.model}"

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        table = to_state.apps.get_model(app_label, self.model)._meta.db_table
        columns = f" ({self.columns})" if self.columns else ""
        schema_editor.execute(self.policy.sql(table))
        schema_editor.execute(f'GRANT SELECT{columns} ON "{table}" TO {self.policy.role}')

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(f'DROP POLICY "{self.policy.role}" ON "{table}"')
        schema_editor.execute(f'REVOKE ALL ON "{table}" FROM {self.policy.role}')


def _key(table: str) -> list[str]:
    return [
        f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{table}_pkey" CASCADE',
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_pkey" PRIMARY KEY (tenant_id, id)',
        f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{table}_place"',
        # The copied street and district are always those of the tenant itself.
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_place"'
        " FOREIGN KEY (tenant_id, street_id, district_id)"
        " REFERENCES tenants_tenant (id, street_id, district_id) DEFERRABLE INITIALLY IMMEDIATE",
    ]


def _foreign_keys(model: type[Model]) -> list[str]:
    table, statements = model._meta.db_table, []
    for field in model._meta.local_fields:
        if not isinstance(field, TenantForeignKey):
            continue
        column, target = field.column, field.remote_field.model._meta.db_table
        name = f"{table}_{column}_tenant"
        statements += [
            f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"',
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (tenant_id, "{column}")'
            f' REFERENCES "{target}" (tenant_id, id) DEFERRABLE INITIALLY IMMEDIATE',
            f'CREATE INDEX IF NOT EXISTS "{name}_idx" ON "{table}" (tenant_id, "{column}")',
        ]
    return statements


def _security(table: str, policies: tuple[Policy, ...]) -> list[str]:
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        *(
            sql
            for policy in policies
            for sql in (f'DROP POLICY IF EXISTS "{policy.role}" ON "{table}"', policy.sql(table))
        ),
    ]
