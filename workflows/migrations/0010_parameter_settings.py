"""Settings of parameters: read by everybody, added by their tenant, changed by nobody."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RIGHTS = """
ALTER TABLE workflows_parametersetting ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflows_parametersetting FORCE ROW LEVEL SECURITY;
CREATE POLICY readers ON workflows_parametersetting FOR SELECT
  TO lianxi_app, lianxi_member, lianxi_street, lianxi_district USING (true);
CREATE POLICY setter ON workflows_parametersetting FOR INSERT TO lianxi_member
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint);
REVOKE ALL ON workflows_parametersetting FROM PUBLIC;
GRANT SELECT ON workflows_parametersetting TO lianxi_app, lianxi_street, lianxi_district, lianxi_backup;
GRANT SELECT, INSERT ON workflows_parametersetting TO lianxi_member;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_administration"),
        ("workflows", "0003_inbox_indexes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ParameterSetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("parameter", models.CharField(max_length=100)),
                ("value", models.IntegerField(null=True)),
                ("effective_from", models.DateField()),
                ("set_by_name", models.CharField(blank=True, max_length=100)),
                ("set_at", models.DateTimeField(auto_now_add=True)),
                (
                    "set_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["tenant", "parameter", "-effective_from", "-id"], name="parameter_in_force"
                    )
                ],
            },
        ),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
