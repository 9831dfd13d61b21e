"""A PostgreSQL data directory: made whole or not at all, and who may connect to it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from config.localpg_place import (
    PORT,
    Account,
    LocalPostgresError,
    Place,
    Programs,
    clean_environment,
    make_folder,
    our_name,
)
from config.localpg_process import is_postmaster, tied_to_us, wait_until

SUPERUSER = "postgres"
# PostgreSQL 15 cannot map a user to every role: it gets the ones that the project uses.
ROLES_BEFORE_16 = (SUPERUSER, "lianxi_owner", "lianxi_app")
MAP = "lianxi"
TAIL = 12
LARGEST_LOG = 8 * 1024 * 1024
FAST, IMMEDIATE = 20.0, 5.0  # seconds given to each kind of shutdown


@dataclass(frozen=True)
class PidFile:
    """What ``postmaster.pid`` says."""

    pid: int
    socket_folder: str
    port: int
    status: str


def read_pid_file(data: Path) -> PidFile | None:
    """Read ``postmaster.pid``; None when there is none, or one that is not whole (yet)."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return PidFile(int(lines[0]), lines[4], int(lines[3]), lines[7].strip())
    except (OSError, ValueError, IndexError):
        return None


def create_data(place: Place, account: Account, programs: Programs) -> None:
    """Make the data directory if there is none, under another name until it is whole.

    Raises:
        LocalPostgresError: initdb fails, or the directory is of another PostgreSQL version.
    """
    for leftover in place.leftovers():
        _remove_leftover(leftover)
    if (place.data / "PG_VERSION").exists():
        found = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != str(programs.version):
            raise LocalPostgresError(
                f"{place.data} was made by PostgreSQL {found}, but {programs.folder} is {programs.version}: "
                "use the programs of that version (LIANXI_PG_BIN), or move the folder away and begin anew"
            )
        return
    if place.data.exists():
        raise LocalPostgresError(f"{place.data} is not a PostgreSQL data directory: move it away")
    make_folder(place.unfinished, mode=0o700, owner=account)
    with _appending(place.log) as log:
        began = os.fstat(log.fileno()).st_size
        done = subprocess.Popen(
            [programs.path("initdb"), "-D", str(place.unfinished), *_initdb_options(programs.version)],
            cwd="/",
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=tied_to_us(signal.SIGTERM),
            **account.credentials(),
        )
        try:
            code = done.wait()
        finally:
            if done.poll() is None:  # we are being stopped
                done.terminate()
                done.wait()
    if code != 0:
        raise LocalPostgresError(f"initdb failed (code {code}):\n{log_tail(place.log, began)}")
    place.unfinished.rename(place.data)
    _sync_folder(place.base)


def _initdb_options(version: int) -> list[str]:
    options = [
        f"--username={SUPERUSER}",
        "--auth=peer",
        "--encoding=UTF8",
        "--data-checksums",
        "--no-instructions",
    ]
    # The builtin provider sorts the same on every machine. LC_CTYPE must be UTF-8 all the same: with plain C,
    # pg_trgm takes no Chinese character for part of a word.
    options += ["--locale=C", "--lc-ctype=en_US.UTF-8"] if sys.platform == "darwin" else ["--locale=C.UTF-8"]
    return [*options, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if version >= 17 else options


def _remove_leftover(leftover: Path) -> None:
    """Remove what an interrupted initdb left; it may still be at work there for a moment."""

    def gone() -> bool:
        shutil.rmtree(leftover, ignore_errors=True)
        return not leftover.exists()

    if not wait_until(gone, 5.0, every=0.05):
        raise LocalPostgresError(f"cannot remove {leftover}, left by an interrupted start: remove it")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_access_rules(place: Place, version: int) -> None:
    """Write who may connect: our user, over the socket, as any role; nobody else.

    Written at every start, and outside the data directory: root should not write where another account can
    put links.
    """
    name = our_name().replace('"', '""')
    roles = ["all"] if version >= 16 else list(ROLES_BEFORE_16)
    _write(place.hba, f"local all all peer map={MAP}\nlocal replication all peer map={MAP}\n")
    _write(place.ident, "".join(f'{MAP} "{name}" {role}\n' for role in roles))


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.chmod(0o644)
    unfinished.rename(path)


def end_orphan(place: Place) -> None:
    """End a server of this data directory whose launcher is gone. The caller holds the lock.

    Where the kernel told it to stop (Linux) this only waits for it; a process that merely has the number in
    the pid file is left alone.

    Raises:
        LocalPostgresError: the server does not stop.
    """
    try:  # the first line alone: a server that was starting has not written the rest
        pid = int((place.data / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0])
    except (OSError, ValueError):
        return
    if not is_postmaster(pid, place.data):
        return
    for signum, seconds in ((signal.SIGINT, FAST), (signal.SIGQUIT, IMMEDIATE)):
        with suppress(ProcessLookupError):
            os.kill(pid, signum)
        if wait_until(lambda: not is_postmaster(pid, place.data), seconds):
            return
    raise LocalPostgresError(f"process {pid}, left by an earlier start, still serves {place.data}: end it")


def disarm_stale_pid_file(data: Path) -> None:
    """Make sure that a pid file which survived its server does not keep the next one from starting.

    The server refuses to start if the number in the file belongs to any living process. We hold the lock and
    have looked (`end_orphan`): whoever it is, it is not our server. The number is replaced by our own, which
    a server ignores because we are its parent, rather than the file removed: the server also checks by it
    that no process of its predecessor still has the shared memory.
    """
    path = data / "postmaster.pid"
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    with os.fdopen(handle, "r+", encoding="utf-8") as file:
        first, newline, rest = file.read().partition("\n")
        whole = bool(newline) and first.strip().lstrip("-").isdigit()
        if whole:
            file.seek(0)
            file.write(f"{os.getpid()}\n{rest}")
            file.truncate()
    if not whole:  # cut off by a crash: the server would refuse it, and it says nothing
        path.unlink()


def start_postmaster(
    place: Place, account: Account, programs: Programs, options: list[str]
) -> subprocess.Popen[bytes]:
    """Start the server process; it receives SIGINT, a fast shutdown, if this process dies."""
    with _appending(place.log) as log:
        return subprocess.Popen(
            [programs.path("postgres"), "-D", str(place.data), *options],
            cwd="/",
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal must not stop it before its clients
            preexec_fn=tied_to_us(signal.SIGINT),
            **account.credentials(),
        )


def wait_until_ready(
    postmaster: subprocess.Popen[bytes], place: Place, programs: Programs, seconds: float
) -> bool:
    """Wait until the server takes connections; return False when it ended or the time is over."""
    deadline = time.monotonic() + seconds
    while postmaster.poll() is None and time.monotonic() < deadline:
        found = read_pid_file(place.data)
        # The file is cheap to look at; the connection is the proof.
        if (
            found is not None
            and (found.pid, found.status) == (postmaster.pid, "ready")
            and _takes_connections(place, programs)
        ):
            return True
        time.sleep(0.005)
    return False


def _takes_connections(place: Place, programs: Programs) -> bool:
    ask = [programs.path("pg_isready"), "-q", "-t", "2", "-h", str(place.run), "-p", str(PORT)]
    ask += ["-U", SUPERUSER, "-d", "postgres"]
    return subprocess.run(ask, env=clean_environment(), check=False).returncode == 0


def stop_postmaster(postmaster: subprocess.Popen[bytes]) -> None:
    """Stop the server: fast shutdown, then at once, then by force, each within a bound."""
    for signum, seconds in (
        (signal.SIGINT, FAST),
        (signal.SIGQUIT, IMMEDIATE),
        (signal.SIGKILL, IMMEDIATE),
    ):
        if postmaster.poll() is not None:
            return
        postmaster.send_signal(signum)
        try:
            postmaster.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def open_log(place: Place) -> int:
    """Set a log that has grown large aside; return the length of the one in use."""
    try:
        size = place.log.stat().st_size
    except FileNotFoundError:
        return 0
    if size <= LARGEST_LOG:
        return size
    place.log.rename(place.log.with_name("log.1"))
    return 0


def _appending(log: Path) -> BinaryIO:
    # Statements that fail are written here with their values: for our eyes only.
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def log_tail(log: Path, began: int) -> str:
    """Return the last lines written to the log since a position."""
    with log.open("rb") as file:
        file.seek(began)
        lines = file.read().decode("utf-8", "replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-TAIL:])
