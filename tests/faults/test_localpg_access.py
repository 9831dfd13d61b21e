"""Only our own user reaches the local PostgreSQL, and nothing of others is changed to make it run."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import localpg
from config.localpg_place import MOVED, server_account
from tests.faults.launching import (
    AS_ROOT,
    PROJECT,
    connect,
    end_servers_below,
    finish,
    gone,
    launch,
    passable_folder,
    programs_for,
    run,
    wait_until_running,
)

pytestmark = pytest.mark.xdist_group("localpg-access")  # they share a first start
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can act as another user of the system")
AS_ANOTHER_USER = """
import os, pwd, sys
from config import localpg
entry = pwd.getpwnam(sys.argv[1])
os.setgroups([])
os.setgid(entry.pw_gid)
os.setuid(entry.pw_uid)
sys.exit(localpg.main(sys.argv[2:]))
"""


@pytest.fixture
def root() -> Iterator[Path]:
    with passable_folder() as folder:
        yield folder / "pg"


@pytest.fixture(scope="module")
def up() -> Iterator[localpg.Running]:
    with passable_folder() as folder, localpg.server(folder / "pg") as up:
        yield up


def stranger() -> pwd.struct_passwd:
    """Return an account of the system that is neither ours nor the server's."""
    taken = {os.geteuid(), server_account().uid}
    return next(entry for entry in map(pwd.getpwnam, ("nobody", "daemon")) if entry.pw_uid not in taken)


def ask_as(entry: pwd.struct_passwd, up: localpg.Running) -> subprocess.CompletedProcess[str]:
    """Ask the server something as another user of the system."""
    return subprocess.run(
        [
            programs_for(up.data.parent).path("psql"),
            "-h",
            up.host,
            "-U",
            "postgres",
            "-Atc",
            "select 42",
            "postgres",
        ],
        cwd="/",
        env={"LC_ALL": "C", "HOME": "/"},
        capture_output=True,
        text=True,
        check=False,
        user=entry.pw_uid,
        group=entry.pw_gid,
        extra_groups=[],
    )


def test_the_socket_folder_is_private(up: localpg.Running) -> None:
    assert up.host == str(up.data.parent / "run")
    assert stat.S_IMODE(os.stat(up.host).st_mode) == 0o700


def test_the_server_listens_on_no_network_port(up: localpg.Running) -> None:
    with connect(up) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    sockets = {str(handle.readlink()) for handle in Path(f"/proc/{up.pid}/fd").iterdir()}
    network = {
        f"socket:[{line.split()[9]}]"
        for table in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    }

    assert any(link.startswith("socket:") for link in sockets)
    assert not sockets & network


def test_our_user_can_be_any_role_of_the_database(up: localpg.Running) -> None:
    with connect(up) as connection:
        connection.execute("create role lianxi_app login")
    with connect(up, user="lianxi_app") as connection:
        assert connection.execute("select current_user").fetchone() == ("lianxi_app",)


@needs_root
def test_another_user_of_the_system_cannot_connect(up: localpg.Running) -> None:
    answer = ask_as(stranger(), up)

    assert answer.returncode == 2
    assert "Permission denied" in answer.stderr


@needs_root
def test_even_the_account_that_runs_the_server_cannot_connect(up: localpg.Running) -> None:
    answer = ask_as(pwd.getpwnam(server_account().name), up)

    assert answer.returncode == 2
    assert "Peer authentication failed" in answer.stderr


@needs_root
def test_below_a_private_folder_the_data_moves_and_the_folder_stays_private() -> None:
    with passable_folder() as folder:
        private = folder / "private"
        private.mkdir(mode=0o700)
        root = private / "project" / "pg"
        launcher = launch(root, "sleep", "600")
        up = wait_until_running(root)
        try:
            assert up.data.is_relative_to(MOVED)
            with connect(up) as connection:
                connection.execute("create table kept as select 42 as answer")
            modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, private)}
            assert modes == {folder: 0o755, private: 0o700}
            assert not (root / "data").exists()
        finally:
            launcher.terminate()
            _, _, messages = finish(launcher)
        assert f"{root} is private" in messages
        assert str(up.data.parent) in messages

        private.chmod(0o755)  # the data stays where it is, even if the folder is opened later
        with localpg.server(root) as again, connect(again) as connection:
            assert again.data == up.data
            assert connection.execute("select answer from kept").fetchone() == (42,)


@needs_root
def test_data_that_has_become_unreachable_is_not_silently_begun_anew() -> None:
    with passable_folder() as folder:
        root = folder / "project" / "pg"
        with localpg.server(root):
            pass
        (folder / "project").chmod(0o700)

        code, _, messages = run(root, "true")

        assert code == 1
        assert "has become private" in messages


@needs_root
def test_programs_in_a_private_folder_are_copied_for_the_servers_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with passable_folder() as folder:
        private = folder / "private"
        original = programs_for(folder).folder.parent
        package = original.parent
        for source in (original, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, private / source.relative_to(package.parent), symlinks=True)
        private.chmod(0o700)
        monkeypatch.setenv("LIANXI_PG_BIN", str(private / package.name / original.name / "bin"))
        root = folder / "pg"

        with localpg.server(root) as up, connect(up) as connection:
            assert connection.execute("select 42").fetchone() == (42,)
            assert Path(f"/proc/{up.pid}/exe").readlink().is_relative_to(root / "programs")
        made = (root / "programs").stat().st_ino
        with localpg.server(root):
            assert (root / "programs").stat().st_ino == made, "the copy was made twice"
        assert stat.S_IMODE(private.stat().st_mode) == 0o700


@needs_root
def test_an_ordinary_user_runs_the_server_as_itself() -> None:
    with passable_folder() as folder:
        user = stranger()
        home = folder / "home"
        home.mkdir(mode=0o700)
        os.chown(home, user.pw_uid, user.pw_gid)
        root = home / "pg"
        psql = programs_for(folder).path("psql")
        ask = f"{psql} -Atc 'select current_user' postgres; id -un; exec sleep 600"
        launcher = subprocess.Popen(
            [sys.executable, "-c", AS_ANOTHER_USER, user.pw_name, str(root), "--", "sh", "-c", ask],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert launcher.stdout is not None
        assert [launcher.stdout.readline() for _ in range(2)] == ["postgres\n", f"{user.pw_name}\n"]
        up = wait_until_running(root)
        assert os.stat(f"/proc/{up.pid}").st_uid == user.pw_uid
        assert ask_as(pwd.getpwnam(server_account().name), up).returncode == 2

        launcher.kill()

        finish(launcher)
        assert gone(up)
        assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_socket_path_that_is_too_long_is_explained_and_a_short_one_can_be_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with passable_folder() as folder:
        root = folder / ("long" * 20) / ("longer" * 5) / "pg"
        with (
            pytest.raises(localpg.LocalPostgresError, match="LIANXI_PG_RUN=/short/folder"),
            localpg.server(root),
        ):
            pytest.fail("the server has started")

        short = folder / "s"
        monkeypatch.setenv("LIANXI_PG_RUN", str(short))
        with localpg.server(root) as up, connect(up) as connection:
            assert up.host == str(short)
            assert stat.S_IMODE(short.stat().st_mode) == 0o700
            assert connection.execute("select 42").fetchone() == (42,)
        monkeypatch.delenv("LIANXI_PG_RUN")
        end_servers_below(folder)


def test_a_socket_folder_that_others_can_enter_is_refused_and_left_as_it_is(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = root.parent / "shared"
    shared.mkdir(mode=0o755)
    monkeypatch.setenv("LIANXI_PG_RUN", str(shared))

    with pytest.raises(localpg.LocalPostgresError, match="alone"), localpg.server(root):
        pytest.fail("the server has started")

    assert stat.S_IMODE(shared.stat().st_mode) == 0o755


def test_a_folder_without_programs_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANXI_PG_BIN", str(root.parent))

    with pytest.raises(localpg.LocalPostgresError, match="has no initdb, postgres"), localpg.server(root):
        pytest.fail("the server has started")
