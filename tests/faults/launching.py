"""Start the real launcher in a process of its own, and look at what it leaves on the system."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psycopg

from config import localpg
from config.localpg_place import Place, Programs, bases, find_programs, server_account
from config.localpg_process import is_postmaster, wait_until

PROJECT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0
SOON = 15.0


@contextlib.contextmanager
def passable_folder() -> Iterator[Path]:
    """Make a short folder that every account can pass through; pytest's own folders are private."""
    folder = Path(tempfile.mkdtemp(prefix="lx")).resolve()
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        end_servers_below(folder)
        shutil.rmtree(folder, ignore_errors=True)


def end_servers_below(folder: Path) -> None:
    """End what a failed test left behind, each by its own number, and remove data that has moved."""
    for root in [folder, *(path.parent for path in folder.rglob("lock"))]:
        up = localpg.running(root)
        if up is not None:
            os.kill(up.pid, signal.SIGQUIT)
            gone(up)
        moved = bases(root.resolve())[1]
        if moved.exists():
            shutil.rmtree(moved)


def launch(root: Path, *command: str, options: Sequence[str] = (), **settings: Any) -> subprocess.Popen[str]:
    """Start `python -m config.localpg` with a command."""
    words = [sys.executable, "-m", "config.localpg", str(root)]
    for option in options:
        words += ["--option", option]
    return subprocess.Popen(
        [*words, "--", *command],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **settings,
    )


def finish(launcher: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for a launcher, and return its exit code, output and messages."""
    output, messages = launcher.communicate(timeout=SOON * 2)
    return launcher.returncode, output, messages


def run(root: Path, *command: str, **settings: Any) -> tuple[int, str, str]:
    """Run a command beside a server."""
    return finish(launch(root, *command, **settings))


def wait_until_running(root: Path) -> localpg.Running:
    """Wait until a root's server is up, and return it."""
    assert wait_until(lambda: localpg.running(root) is not None, SOON), "the server does not come up"
    up = localpg.running(root)
    assert up is not None
    return up


def gone(up: localpg.Running) -> bool:
    """Tell whether a server's process ends soon."""
    return wait_until(lambda: not is_postmaster(up.pid, up.data), SOON)


def connect(up: localpg.Running, *, user: str = "postgres") -> psycopg.Connection[Any]:
    """Connect over the socket."""
    return psycopg.connect(host=up.host, port=up.port, user=user, dbname="postgres", autocommit=True)


def programs_for(root: Path) -> Programs:
    """Return the PostgreSQL programs that a server of this root runs."""
    return find_programs(Place(root=root, base=root, run=root / "run"), server_account())


def eventually(condition: Callable[[], bool]) -> None:
    """Assert that something becomes true soon."""
    assert wait_until(condition, SOON)


def processes_of(folder: Path) -> dict[int, str]:
    """Return the living processes that have to do with a folder, by environment, words or place."""
    found: dict[int, str] = {}
    marker = os.fsencode(folder)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes()
            if not words:  # a zombie, or a thread of the kernel
                continue
            inside = os.readlink(entry / "cwd").startswith(str(folder))
            if inside or marker in words or b"LIANXI_VAR=" + marker in (entry / "environ").read_bytes():
                found[int(entry.name)] = words.replace(b"\0", b" ").decode(errors="replace")
    return found


def clean_environment(**added: str) -> Mapping[str, str]:
    """Return our environment without anything that chooses a database or a place for one."""
    chosen = ("DATABASE_", "LIANXI_", "PG")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(chosen)}
    return {**kept, **added}
