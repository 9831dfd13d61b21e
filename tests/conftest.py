"""The suite's database: a real PostgreSQL, connected to as the application is, with real commits.

Nothing is wrapped in a test transaction: scopes end, `on_commit` runs and locks are real. After each test
that used the database every row is removed, by the owner, for the application may not.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.architecture.recording import Recorder, StatementGuard
from tests.architecture.statements import ATTACKS
from tests.cast import Cast, make_cast
from tests.site import running_site

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright keeps an event loop in this thread.

# The worker of the real site keeps its own row; the rest are made by migrations.
KEPT = ("django_migrations", "django_content_type", "auth_permission", "procrastinate_workers")


def pytest_configure(config: pytest.Config) -> None:
    """Record the application's statements in every process of the run; judge them when it ends."""
    recorder = Recorder(ignored=tuple(ATTACKS))
    recorder.listen()
    config.pluginmanager.register(StatementGuard(recorder), "statements")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest, worker_id: str) -> Iterator[None]:
    """Make this worker's database on the suite's server, migrate it, and refuse an unsafe role."""
    from django.core.management import call_command
    from django.db import connection

    from tenants.provision import provision
    from tenants.startup import refuse_unsafe_role

    name = f"test_{settings.DATABASES['default']['NAME']}_{worker_id}"
    with django_db_blocker.unblock():
        _drop(name)
        provision(settings.ADMIN_CONNINFO, name)
        settings.DATABASES["default"]["NAME"] = name
        connection.settings_dict["NAME"] = name
        os.environ["DATABASE_NAME"] = name
        call_command("migrate", verbosity=0)
        refuse_unsafe_role()
        yield
        connection.close()
        _drop(name)


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Let the test use the database; leave it empty."""
    with django_db_blocker.unblock():
        yield
        _empty()


@pytest.fixture
def cast(database: None) -> Cast:
    return make_cast()


@pytest.fixture(scope="session")
def site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the real site on this worker's database; the value is its address."""
    with running_site(tmp_path_factory.mktemp("site") / "log") as address:
        yield address


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium; Playwright brings none."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        pytest.fail("No Chromium: apt-get install --no-install-recommends chromium fonts-noto-cjk")
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update"]
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync", *quiet],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """Name the suite's worker process; `main` when the suite runs in one."""
    worker = getattr(request.config, "workerinput", None)
    return str(worker["workerid"]) if worker else "main"


def _admin() -> object:
    import psycopg

    return psycopg.connect(settings.ADMIN_CONNINFO, autocommit=True)


def _drop(name: str) -> None:
    with _admin() as admin:  # type: ignore[attr-defined]
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _empty() -> None:
    from django.db import connection, connections

    from tenants.owner import as_owner

    with as_owner(), connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in KEPT]
        cursor.execute("TRUNCATE {} RESTART IDENTITY CASCADE".format(", ".join(f'"{t}"' for t in tables)))
    connections.close_all()


if not settings.ADMIN_CONNINFO:
    sys.exit("The suite needs a database server of its own: run `make test` (ARGS=… for pytest's arguments).")
