"""Row-level security for the first tenant tables, and what each role may do with the shared ones."""

from django.db import migrations

from tenants.operations import Policy, ReaderPolicy, TenantTable, setting

SHARED = """
REVOKE ALL ON tenants_tenant, tenants_user, tenants_apitoken, django_session FROM PUBLIC;
GRANT SELECT ON tenants_tenant TO lianxi_app, lianxi_member, lianxi_street, lianxi_district;
GRANT SELECT, UPDATE (password, last_login) ON tenants_user TO lianxi_app;
GRANT SELECT ON tenants_apitoken TO lianxi_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session TO lianxi_app;
GRANT SELECT ON django_migrations TO lianxi_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO lianxi_backup;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0001_initial"),
        ("audit", "0001_initial"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        TenantTable("Appointment"),
        ReaderPolicy(
            "Appointment",
            Policy("lianxi_app", "SELECT", f"user_id = {setting('user_id')}"),
        ),
        TenantTable("audit.Event", member="SELECT, INSERT"),
        TenantTable("audit.Head"),
        migrations.RunSQL(SHARED, migrations.RunSQL.noop),
    ]
