"""Passwords that people chose, the cache of failed attempts, and who may do what with the tables of signing in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Django's database cache makes its table by a command; ours comes with the others.
CACHE = """
CREATE TABLE lianxi_cache (
  cache_key varchar(255) PRIMARY KEY,
  value text NOT NULL,
  expires timestamptz NOT NULL
);
CREATE INDEX lianxi_cache_expires ON lianxi_cache (expires);
"""

RIGHTS = """
REVOKE ALL ON tenants_passwordrecord, lianxi_cache, mfa_authenticator, account_emailaddress,
  account_emailconfirmation, socialaccount_socialapp, socialaccount_socialaccount, socialaccount_socialtoken
  FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE (encoded), DELETE ON tenants_passwordrecord TO lianxi_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON lianxi_cache, mfa_authenticator TO lianxi_app;
-- An administrator removes what a person has lost, without seeing it.
GRANT SELECT (user_id), DELETE ON mfa_authenticator TO lianxi_admin;
-- allauth looks into these; without e-mail addresses and without links to other accounts they stay empty.
GRANT SELECT ON account_emailaddress, socialaccount_socialapp, socialaccount_socialaccount TO lianxi_app;
GRANT SELECT ON tenants_passwordrecord, lianxi_cache, mfa_authenticator, account_emailaddress,
  account_emailconfirmation, socialaccount_socialapp, socialaccount_socialaccount, socialaccount_socialtoken
  TO lianxi_backup;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0003_administration"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        migrations.CreateModel(
            name="PasswordRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("encoded", models.CharField(max_length=128)),
                ("set_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunSQL(CACHE, "DROP TABLE lianxi_cache"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
    ]
