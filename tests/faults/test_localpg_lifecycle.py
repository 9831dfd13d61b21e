"""The local PostgreSQL ends with its launcher, and starts again after whatever has happened to it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import localpg
from config.localpg_place import server_account
from config.localpg_process import is_postmaster, wait_until
from tests.faults.launching import (
    SOON,
    connect,
    end_servers_below,
    eventually,
    finish,
    gone,
    launch,
    passable_folder,
    programs_for,
    run,
    wait_until_running,
)

pytestmark = pytest.mark.xdist_group("localpg-lifecycle")  # they share a first start
FOREVER = ("sleep", "600")


@pytest.fixture
def new_root() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder / "pg"


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    with passable_folder() as folder:
        with localpg.server(folder / "pg"):
            pass
        yield folder / "pg"


@pytest.fixture
def root(made: Path) -> Iterator[Path]:
    """A root whose data is made already: most of a first start's time."""
    yield made
    end_servers_below(made)


def test_a_command_runs_beside_its_server_and_gives_its_exit_code(root: Path) -> None:
    code, output, _ = run(root, "sh", "-c", 'echo "$PGHOST $PGPORT $PGUSER"; exit 7')

    assert code == 7
    assert output == f"{root / 'run'} 5432 postgres\n"
    assert localpg.running(root) is None


def test_a_command_that_does_not_exist_is_named(root: Path) -> None:
    code, _, messages = run(root, "no-such-command")

    assert code == 1
    assert "cannot run no-such-command" in messages
    assert localpg.running(root) is None


def test_the_data_is_there_at_the_second_start(root: Path) -> None:
    with localpg.server(root) as up, connect(up) as connection:
        connection.execute("create table kept_twice as select 42 as answer")

    with localpg.server(root) as up, connect(up) as connection:
        assert connection.execute("select answer from kept_twice").fetchone() == (42,)
        assert localpg.running(root) == up
    assert localpg.running(root) is None


def test_chinese_characters_are_letters_to_a_new_database(new_root: Path) -> None:
    with localpg.server(new_root) as up, connect(up) as connection:
        connection.execute("create extension pg_trgm")
        found = connection.execute("select '困难群众' % '困难群众帮扶', '困难' ~ '^\\w+$'").fetchone()
        checksums = connection.execute("show data_checksums").fetchone()

    assert found == (True, True)
    assert checksums == ("on",)


def test_settings_are_passed_to_the_server_but_not_those_that_keep_strangers_out(root: Path) -> None:
    with localpg.server(root, options={"work_mem": "5MB"}) as up, connect(up) as connection:
        assert connection.execute("show work_mem").fetchone() == ("5MB",)

    with (
        pytest.raises(localpg.LocalPostgresError, match="listen_addresses"),
        localpg.server(root, options={"listen_addresses": "*"}),
    ):
        pytest.fail("the server has started")


def test_a_failed_start_shows_the_end_of_the_log(root: Path) -> None:
    code, _, messages = run(root, "true", options=["shared_buffers=nonsense"])

    assert code == 1
    assert 'invalid value for parameter "shared_buffers"' in messages


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_launcher_stops_command_and_server(root: Path, signum: signal.Signals) -> None:
    launcher = launch(root, *FOREVER)
    up = wait_until_running(root)

    launcher.send_signal(signum)

    code, _, _ = finish(launcher)
    assert code == 128 + signum
    assert not is_postmaster(up.pid, up.data)
    assert not (up.data / "postmaster.pid").exists()


def test_killing_the_launcher_stops_the_server_and_the_command(root: Path) -> None:
    launcher = launch(root, "sh", "-c", "echo $$; exec sleep 600")
    up = wait_until_running(root)
    assert launcher.stdout is not None
    command = int(launcher.stdout.readline())

    launcher.kill()
    finish(launcher)

    assert gone(up)
    assert not (up.data / "postmaster.pid").exists(), "the shutdown was not clean"
    eventually(lambda: not _exists(command))


def test_a_start_right_after_the_launcher_was_killed_works(root: Path) -> None:
    launcher = launch(root, *FOREVER)
    up = wait_until_running(root)
    with connect(up) as connection:
        connection.execute("create table kept_hurried as select 42 as answer")

    launcher.kill()
    launcher.wait()

    with localpg.server(root) as again, connect(again) as connection:
        assert again.pid != up.pid
        assert connection.execute("select answer from kept_hurried").fetchone() == (42,)
    finish(launcher)


def test_killing_the_postmaster_ends_the_command_and_the_next_start_recovers(root: Path) -> None:
    launcher = launch(root, *FOREVER)
    up = wait_until_running(root)
    with connect(up) as connection:
        connection.execute("create table kept_recovered as select 42 as answer")

    os.kill(up.pid, signal.SIGKILL)

    code, _, messages = finish(launcher)
    assert code == 1
    assert f"the server (process {up.pid}) died" in messages
    with localpg.server(root) as again, connect(again) as connection:
        assert connection.execute("select answer from kept_recovered").fetchone() == (42,)


def test_killing_the_launcher_during_initdb_leaves_nothing_in_the_way(new_root: Path) -> None:
    launcher = launch(new_root, *FOREVER)
    eventually(lambda: any(new_root.glob("data.new*/base")))
    launcher.kill()
    launcher.wait()
    assert not (new_root / "data").exists()

    with localpg.server(new_root) as up, connect(up) as connection:
        assert connection.execute("select 42").fetchone() == (42,)
    assert not list(new_root.glob("data.new*"))
    finish(launcher)


def test_a_half_made_data_directory_is_made_anew(new_root: Path) -> None:
    leftover = new_root / "data.new-1"
    (leftover / "base").mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")

    with localpg.server(new_root) as up, connect(up) as connection:
        assert connection.execute("select 42").fetchone() == (42,)
    assert not leftover.exists()


def test_a_stale_pid_file_harms_neither_the_start_nor_the_process_it_names(root: Path) -> None:
    account = server_account()
    # Of the account that the server runs as: one of another account the server itself would pass over.
    bystander = subprocess.Popen(FOREVER, cwd="/", **account.credentials())
    pid_file = root / "data" / "postmaster.pid"
    try:
        pid_file.write_text(
            f"{bystander.pid}\n{root / 'data'}\n1700000000\n5432\n{root / 'run'}\n\n       1 2\nready   \n"
        )
        os.chown(pid_file, account.uid, account.gid)
        assert localpg.running(root) is None

        with localpg.server(root) as up, connect(up) as connection:
            assert connection.execute("select 42").fetchone() == (42,)

        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_pid_file_cut_off_by_a_crash_does_not_stop_the_start(root: Path) -> None:
    account = server_account()
    pid_file = root / "data" / "postmaster.pid"
    pid_file.touch()
    os.chown(pid_file, account.uid, account.gid)

    with localpg.server(root) as up:
        assert localpg.running(root) == up


def test_a_server_without_a_launcher_is_ended_by_the_next_start(root: Path) -> None:
    words = [programs_for(root).path("postgres"), "-D", str(root / "data")]
    words += ["-c", "listen_addresses=", "-c", f"unix_socket_directories={root / 'run'}"]
    orphan = subprocess.Popen(
        words, cwd="/", stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **server_account().credentials()
    )
    try:
        assert wait_until_running(root).pid == orphan.pid
        with localpg.server(root) as up:
            assert up.pid != orphan.pid
            assert orphan.wait(SOON) == 0
    finally:
        if orphan.poll() is None:
            orphan.kill()
            orphan.wait()


def test_a_second_start_is_refused_while_clients_of_the_first_go_on(root: Path) -> None:
    first = launch(root, *FOREVER)
    up = wait_until_running(root)
    with connect(up) as connection:
        code, _, messages = run(root, "true")

        assert code == 1
        assert f"process {first.pid} owns its server" in messages
        assert f"PGHOST={up.host}" in messages
        assert f"kill {first.pid}" in messages
        assert connection.execute("select 42").fetchone() == (42,)
    with connect(up) as another:
        assert another.execute("select 42").fetchone() == (42,)
    first.terminate()
    finish(first)


def test_of_several_simultaneous_first_starts_exactly_one_wins(new_root: Path) -> None:
    launchers = [launch(new_root, "sleep", "3") for _ in range(4)]

    results = [finish(launcher) for launcher in launchers]

    assert sorted(code for code, _, _ in results) == [0, 1, 1, 1]
    assert sum("already in use" in messages for _, _, messages in results) == 3


def test_a_command_that_ignores_the_request_to_end_is_killed(root: Path) -> None:
    launcher = launch(root, "sh", "-c", 'trap "" TERM; echo ready; while :; do sleep 0.1; done')
    up = wait_until_running(root)
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == "ready\n"

    launcher.terminate()

    code, _, messages = finish(launcher)
    assert code == 128 + signal.SIGKILL
    assert "does not end: killing it" in messages
    assert not is_postmaster(up.pid, up.data)


def _exists(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() != b""


def test_waiting_for_something_that_never_comes_ends_in_time() -> None:
    assert not wait_until(lambda: False, 0.05)
