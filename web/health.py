"""Whether the process is up, and whether it can serve; both without login and without scope."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_HEARTBEAT = "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process runs."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Say what is missing to serve: the database, or migrations. A silent worker is only reported."""
    missing: list[str] = []
    worker: float | None = None
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        missing = [f"migration {migration.app_label}.{migration.name}" for migration, _ in plan]
        worker = None if missing else _heartbeat_age()
    except DatabaseError:
        missing = ["database"]
    report = {"ready": not missing, "missing": missing, "worker_heartbeat_seconds": worker}
    return JsonResponse(report, status=503 if missing else 200)


def _heartbeat_age() -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(_HEARTBEAT)
        row = cursor.fetchone()
    return round(float(row[0]), 1) if row and row[0] is not None else None
