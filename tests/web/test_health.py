"""Whether the process is up, and whether it can serve."""

from __future__ import annotations

from unittest.mock import patch

from django.db import OperationalError, connection
from django.test import Client

from tenants.owner import as_owner


def test_a_running_process_answers_without_a_database() -> None:
    with patch("django.db.backends.utils.CursorWrapper.execute", side_effect=OperationalError):
        assert Client().get("/healthz").content == b"ok\n"


def test_a_migrated_database_makes_it_ready(database: None) -> None:
    answer = Client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["ready"] is True
    assert answer.json()["missing"] == []


def test_the_workers_heartbeat_is_reported(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_workers")
        assert Client().get("/readyz").json()["worker_heartbeat_seconds"] is None
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '90 seconds')"
        )
        assert 90 <= Client().get("/readyz").json()["worker_heartbeat_seconds"] < 120
        cursor.execute("DELETE FROM procrastinate_workers")


def test_a_migration_that_is_missing_is_named(database: None) -> None:
    def change(statement: str, *values: object) -> str:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return str(cursor.fetchone()[0])

    latest = "(SELECT max(id) FROM django_migrations WHERE app = 'workflows')"
    name = change(f"UPDATE django_migrations SET app = 'elsewhere' WHERE id = {latest} RETURNING name")
    try:
        answer = Client().get("/readyz")
    finally:
        change("UPDATE django_migrations SET app = 'workflows' WHERE app = 'elsewhere' RETURNING name")
    assert answer.status_code == 503
    assert answer.json()["missing"] == [f"migration workflows.{name}"]


def test_without_a_database_it_is_not_ready_and_says_so(database: None) -> None:
    with patch("django.db.migrations.recorder.MigrationRecorder.has_table", side_effect=OperationalError):
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["database"])
