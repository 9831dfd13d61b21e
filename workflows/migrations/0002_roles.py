"""The worker's tables are the login role's alone; viewflow's own tables stay empty and denied."""

from django.db import migrations

GRANTS = """
DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT c.relname FROM pg_class c
              WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                AND c.relname LIKE 'procrastinate\\_%'
  LOOP
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO lianxi_app', name);
  END LOOP;
  FOR name IN SELECT c.relname FROM pg_class c
              WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
                AND c.relname LIKE 'procrastinate\\_%'
  LOOP
    EXECUTE format('GRANT USAGE ON SEQUENCE %I TO lianxi_app', name);
  END LOOP;
  FOR name IN SELECT c.relname FROM pg_class c
              WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                AND c.relname LIKE 'viewflow\\_%'
  LOOP
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
  END LOOP;
END $$;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO lianxi_backup;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0001_initial"),
        ("procrastinate", "0041_post_retry_failed_job"),
        ("viewflow", "0015_task_scheduled"),
    ]

    operations = [migrations.RunSQL(GRANTS, migrations.RunSQL.noop)]
