"""A database of its own on a given Citus coordinator: prepared, migrated, filled, distributed, looked at."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from tenants.distribution import tenant_tables
from tenants.provision import APP_ROLE, OWNER_ROLE

ROOT = Path(__file__).resolve().parents[2]
NAME = "lianxi_citus_test"

ROWS = """
INSERT INTO tenants_tenant (id, slug, name, level, street_id, district_id)
VALUES (1, 's', 'S', 'street', 1, 0), (2, 'a', 'A', 'community', 1, 0), (3, 'b', 'B', 'community', 1, 0);
INSERT INTO tenants_user (id, username, full_name, password, is_active) VALUES (1, 'u', 'U', '', true);
INSERT INTO tenants_appointment (tenant_id, street_id, district_id, user_id, role, starts_on)
SELECT id, street_id, district_id, 1, 'community_clerk', date '2020-01-01' FROM tenants_tenant
"""


def on_a_cluster(url: str) -> None:
    """Assert that the commands distribute a filled database and that its policies hold on the shards."""
    password = secrets.token_urlsafe(16)
    environment = {
        **os.environ,
        "DATABASE_ADMIN_URL": url,
        "DATABASE_URL": make_conninfo(url, dbname=NAME, user=APP_ROLE, password=password),
        "DATABASE_OWNER_URL": make_conninfo(url, dbname=NAME, user=OWNER_ROLE, password=password),
        "DATABASE_NAME": NAME,
        "LIANXI_APP_PASSWORD": password,
        "LIANXI_OWNER_PASSWORD": password,
    }

    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))
        manage("database", "prepare")
        with psycopg.connect(make_conninfo(url, dbname=NAME), autocommit=True) as admin:
            admin.execute("CREATE EXTENSION citus")
            admin.execute("SELECT citus_set_coordinator_host('localhost', inet_server_port())")
            manage("migrate", "-v0")
            admin.execute(ROWS)
            manage("citus", "distribute", "--shards", "8")
            printed = manage("citus", "distribute")
            assert all(f"{table}: distributed" in printed for table in tenant_tables())
            _look(admin, environment["DATABASE_URL"])
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


def _look(admin: psycopg.Connection, app: str) -> None:
    """Assert what the shards hold, and that a scope's role sees its own rows with and without a predicate."""
    placements = admin.execute(
        "SELECT success, result FROM run_command_on_placements('tenants_appointment',"
        " $$SELECT relforcerowsecurity FROM pg_class WHERE oid = '%s'::regclass$$)"
    ).fetchall()
    assert placements
    assert set(placements) == {(True, "t")}
    with psycopg.connect(app) as reader:
        for role, setting, where, expected in (
            ("lianxi_member", "tenant_id = 2", " WHERE tenant_id = 2", 1),
            ("lianxi_member", "tenant_id = 2", "", 1),
            ("lianxi_member", "tenant_id = 2", " WHERE tenant_id = 3", 0),
            ("lianxi_street", "street_id = 1", " WHERE street_id = 1", 3),
            ("lianxi_street", "street_id = 2", "", 0),
        ):
            reader.execute(f"SET LOCAL ROLE {role}")
            reader.execute(f"SET LOCAL app.{setting}")
            row = reader.execute(f"SELECT count(*) FROM tenants_appointment{where}").fetchone()
            assert row == (expected,), (role, setting, where)
            reader.rollback()
