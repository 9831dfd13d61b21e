"""A pgbouncer of our own in transaction mode, between the application and the suite's server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.localpg_place import server_account
from config.localpg_process import wait_until
from tests.faults.launching import PROJECT, passable_folder

PORT = 6432
NEEDED = "pgbouncer is missing: apt-get install --no-install-recommends pgbouncer (or put one on PATH)"
SOON = 15.0

CONFIG = """
[databases]
{name} = {server} dbname={name} user={user}{password}

[pgbouncer]
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 300
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/log
pidfile = {folder}/pid
"""


def program() -> str:
    """Return the path of pgbouncer; without it fail where it could be installed, else skip."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
    if found:
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        pytest.fail(NEEDED)
    pytest.skip(NEEDED)


@contextmanager
def pgbouncer(settings: dict[str, Any], *, size: int) -> Iterator[dict[str, Any]]:
    """Run a pgbouncer with `size` connections to the database; yield what differs for those who use it."""
    path, account = program(), server_account()
    with passable_folder() as folder, _reachable(settings, folder) as server:
        place = folder / "b"
        place.mkdir(mode=0o700)
        os.chown(place, account.uid, account.gid)
        config = place / "config"
        password = f" password={settings['PASSWORD']}" if settings.get("PASSWORD") else ""
        config.write_text(
            CONFIG.format(
                name=settings["NAME"],
                user=settings["USER"],
                server=server,
                password=password,
                folder=place,
                port=PORT,
                size=size,
            )
        )
        config.chmod(0o600)
        os.chown(config, account.uid, account.gid)
        log = place / "log"
        bouncer = subprocess.Popen(
            [path, str(config)], cwd="/", stderr=subprocess.DEVNULL, **account.credentials()
        )
        try:
            ready = wait_until(lambda: _answers(place, settings), SOON)
            assert ready, f"pgbouncer does not serve:\n{log.read_text() if log.exists() else '(no log)'}"
            yield {"HOST": str(place), "PORT": str(PORT), "PASSWORD": "", "DISABLE_SERVER_SIDE_CURSORS": True}
        finally:
            bouncer.terminate()
            bouncer.wait(SOON)


@contextmanager
def _reachable(settings: dict[str, Any], folder: Path) -> Iterator[str]:
    """Give pgbouncer's account a way to the server; yield it as pgbouncer writes addresses."""
    host, port = settings["HOST"], settings["PORT"] or "5432"
    if not host.startswith("/"):
        yield f"host={host or 'localhost'} port={port}"
        return
    place = folder / "r"
    place.mkdir(mode=0o700)
    account = server_account()
    os.chown(place, account.uid, account.gid)
    listen = place / f".s.PGSQL.{port}"
    target = f"{host}/.s.PGSQL.{port}"
    relay = subprocess.Popen([sys.executable, "-m", "tests.faults.relay", str(listen), target], cwd=PROJECT)
    try:
        assert wait_until(listen.exists, SOON), "the relay does not listen"
        yield f"host={place} port={port}"
    finally:
        relay.terminate()
        relay.wait(SOON)


def _answers(place: Path, settings: dict[str, Any]) -> bool:
    with suppress(psycopg.OperationalError):
        with psycopg.connect(
            host=str(place), port=PORT, user=settings["USER"], dbname=settings["NAME"], autocommit=True
        ) as connection:
            connection.execute("SELECT 1")
            return True
    return False
