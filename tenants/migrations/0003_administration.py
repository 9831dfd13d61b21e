"""Roles of the administrators, closed tenants, and the database role that administration works as."""

from django.db import migrations, models

from tenants.operations import ADMIN_GRANT, POLICIES

RIGHTS = """
GRANT SELECT, INSERT, UPDATE (name, parent_id, street_id, district_id, closed_on) ON tenants_tenant TO lianxi_admin;
GRANT SELECT (id, username, full_name, is_active), INSERT, UPDATE (full_name, is_active, password)
  ON tenants_user TO lianxi_admin;
GRANT USAGE ON SEQUENCE tenants_tenant_id_seq TO lianxi_admin;
"""

TENANT_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND p.polname = 'lianxi_member'
"""


def reach_existing_tables(apps, schema_editor):
    """Give the tenant tables of an older database the policy that new ones get by TenantTable."""
    policy = next(policy for policy in POLICIES if policy.role == "lianxi_admin")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TENANT_TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'DROP POLICY IF EXISTS "lianxi_admin" ON "{table}"')
            cursor.execute(policy.sql(table))
            cursor.execute(f'GRANT {ADMIN_GRANT} ON "{table}" TO lianxi_admin')


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_tenant_tables")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="closed_on",
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name="appointment",
            name="role",
            field=models.CharField(
                choices=[
                    ("community_clerk", "Community clerk"),
                    ("community_secretary", "Community secretary"),
                    ("street_officer", "Street organisation officer"),
                    ("street_leader", "Street leader"),
                    ("district_reviewer", "District reviewer"),
                    ("tenant_admin", "Tenant administrator"),
                    ("system_admin", "System administrator"),
                    ("security_admin", "Security administrator"),
                    ("audit_admin", "Audit administrator"),
                    ("privacy_officer", "Privacy officer"),
                ],
                max_length=40,
            ),
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.RunPython(reach_existing_tables, migrations.RunPython.noop),
    ]
