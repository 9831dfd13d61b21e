"""`make demo` starts everything and leaves nothing behind, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import psycopg
import pytest

from config import localpg
from config.localpg_process import wait_until
from tests.faults.launching import (
    PROJECT,
    SOON,
    clean_environment,
    end_servers_below,
    passable_folder,
    processes_of,
)

# One cold start for all of them, also when the suite runs in several processes.
pytestmark = pytest.mark.xdist_group("demo")

COLD, WARM = 90.0, 30.0
NOTHING_ELSE: Mapping[str, str] = MappingProxyType({})
PYTHON_DEMO = (sys.executable, "-m", "config.demo")


class Demo:
    """A real demo in its own process, on a port and a folder of its own."""

    def __init__(
        self,
        var: Path,
        *,
        port: int | None = None,
        words: Sequence[str] = PYTHON_DEMO,
        env: Mapping[str, str] = NOTHING_ELSE,
    ) -> None:
        self.var = var
        self.port = port or free_port()
        self.log = var.with_name(f"demo-{self.port}.log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                words,
                cwd=PROJECT,
                env=clean_environment(LIANXI_VAR=str(var), PORT=str(self.port), **env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def status(self) -> int | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def wait_until_announced(self, seconds: float) -> None:
        def announced_or_ended() -> bool:
            return f"http://127.0.0.1:{self.port}/" in self.printed() or self.process.poll() is not None

        assert wait_until(announced_or_ended, seconds, every=0.05), self.printed()
        assert self.process.poll() is None, self.printed()

    def child(self, word: str) -> int:
        """Return the number of the oldest process of the demo whose command line has this word."""
        return min(pid for pid, line in processes_of(self.var).items() if word in line.split())

    def leaves_nothing(self) -> bool:
        return wait_until(lambda: not processes_of(self.var), SOON, every=0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A folder in which a demo has been prepared by a first, cold start."""
    with passable_folder() as folder:
        demo = Demo(folder / "var")
        try:
            demo.wait_until_announced(COLD)
            assert demo.status() == 200
        finally:
            end(demo)
        yield folder / "var"


@pytest.fixture
def demo(made: Path) -> Iterator[Demo]:
    demo = Demo(made)
    try:
        demo.wait_until_announced(WARM)
        yield demo
    finally:
        end(demo)


def end(demo: Demo) -> None:
    """End a demo and whatever it may have left, each process by its own number."""
    if demo.process.poll() is None:
        demo.process.terminate()
        try:
            demo.process.wait(SOON * 2)
        except subprocess.TimeoutExpired:
            demo.process.kill()
            demo.process.wait()
    end_servers_below(demo.var)
    for pid in processes_of(demo.var):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def test_the_demo_answers_and_says_where_it_is(demo: Demo) -> None:
    assert demo.status() == 200
    assert f"Lianxi is ready: http://127.0.0.1:{demo.port}/" in demo.printed()
    assert len(demo.printed().splitlines()) > 3, "the accounts are missing"


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_in_order(demo: Demo, signum: signal.Signals) -> None:
    demo.process.send_signal(signum)

    assert demo.process.wait(SOON * 2) == 0
    assert processes_of(demo.var) == {}
    assert not list(demo.var.glob("**/postmaster.pid")), "the database was not shut down cleanly"
    assert "Traceback" not in demo.printed()


def test_killing_the_supervisor_leaves_no_process(demo: Demo) -> None:
    assert len(processes_of(demo.var)) >= 4

    demo.process.kill()
    demo.process.wait()

    assert demo.leaves_nothing(), processes_of(demo.var)


def test_killing_the_parent_that_it_follows_leaves_no_process(made: Path) -> None:
    shell = ("sh", "-c", '"$@"; :', "sh", *PYTHON_DEMO)
    demo = Demo(made, words=shell, env={"LIANXI_DEMO_FOLLOW_PARENT": "1"})
    try:
        demo.wait_until_announced(WARM)

        demo.process.kill()
        demo.process.wait()

        assert demo.leaves_nothing(), processes_of(demo.var)
    finally:
        end(demo)


def test_a_second_start_keeps_the_data(made: Path) -> None:
    for statement, expected in (
        ("create table kept_by_demo as select 42 as answer", None),
        ("select answer from kept_by_demo", (42,)),
        ("drop table kept_by_demo", None),
    ):
        demo = Demo(made)
        try:
            demo.wait_until_announced(WARM)
            up = localpg.running(made / "pg")
            assert up is not None
            with psycopg.connect(
                host=up.host, user="postgres", dbname="lianxi", autocommit=True
            ) as connection:
                cursor = connection.execute(statement.encode())
                assert expected is None or cursor.fetchone() == expected
        finally:
            end(demo)


def test_a_worker_that_dies_is_started_again(demo: Demo) -> None:
    worker = demo.child("worker")

    os.kill(worker, signal.SIGKILL)

    assert wait_until(lambda: "the worker ended" in demo.printed(), SOON)
    assert wait_until(
        lambda: any(
            pid != worker and "worker" in line.split() for pid, line in processes_of(demo.var).items()
        ),
        SOON,
    )
    assert demo.status() == 200


def test_when_the_web_server_dies_everything_stops(demo: Demo) -> None:
    os.kill(demo.child("granian"), signal.SIGKILL)

    assert demo.process.wait(SOON * 2) == 1
    assert "the web server ended" in demo.printed()
    assert processes_of(demo.var) == {}


def test_when_the_database_dies_everything_stops(demo: Demo) -> None:
    up = localpg.running(demo.var / "pg")
    assert up is not None

    os.kill(up.pid, signal.SIGKILL)

    assert demo.process.wait(SOON * 2) == 1
    assert f"the database server (process {up.pid}) died" in demo.printed()
    assert demo.leaves_nothing(), processes_of(demo.var)


def test_a_taken_port_is_named_and_nothing_is_started() -> None:
    with passable_folder() as folder, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        began = time.monotonic()

        demo = Demo(folder / "var", port=port)

        assert demo.process.wait(SOON) == 1
        assert time.monotonic() - began < SOON
        assert f"port {port} is taken" in demo.printed()
        assert f"PORT={port + 1} make demo" in demo.printed()
        assert processes_of(folder / "var") == {}
        assert not (folder / "var").exists()


def test_a_second_demo_of_the_same_folder_is_refused(demo: Demo) -> None:
    second = Demo(demo.var)

    assert second.process.wait(SOON) == 1
    assert f"process {demo.process.pid} owns its server" in second.printed()
    assert demo.status() == 200


def test_with_a_database_of_ones_own_no_server_is_started() -> None:
    with passable_folder() as folder, localpg.server(folder / "pg") as up:
        urls = {
            name: f"postgresql:///{database}?host={up.host}&user={role}"
            for name, database, role in (
                ("DATABASE_URL", "lianxi", "lianxi_app"),
                ("DATABASE_OWNER_URL", "lianxi", "lianxi_owner"),
                ("DATABASE_ADMIN_URL", "postgres", "postgres"),
            )
        }
        for env in (urls, {"DATABASE_URL": urls["DATABASE_URL"]}):
            demo = Demo(folder / "var", env=env)
            try:
                demo.wait_until_announced(COLD)
                assert demo.status() == 200
                assert not (folder / "var" / "pg").exists()
            finally:
                end(demo)
            assert demo.leaves_nothing(), processes_of(demo.var)
        assert "DATABASE_ADMIN_URL is not set" in demo.printed()
        assert "DATABASE_OWNER_URL is not set" in demo.printed()
        assert localpg.alive(up)
