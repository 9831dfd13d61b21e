"""Run a PostgreSQL server of one's own for as long as a program needs it.

`python -m config.localpg ROOT [--option NAME=VALUE] -- COMMAND…` starts the server that keeps its data
under ROOT, runs COMMAND with PGHOST, PGPORT and PGUSER set, and stops the server when COMMAND ends. One
process owns the server; any number of others connect to it meanwhile.
"""

import argparse
import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from config.localpg_cluster import (
    SUPERUSER,
    create_data,
    disarm_stale_pid_file,
    end_orphan,
    log_tail,
    open_log,
    read_pid_file,
    start_postmaster,
    stop_postmaster,
    wait_until_ready,
    write_access_rules,
)
from config.localpg_place import (
    PORT,
    Account,
    LocalPostgresError,
    Place,
    Programs,
    bases,
    choose_place,
    find_programs,
    make_folder,
    server_account,
)
from config.localpg_process import StopSignals, is_postmaster, tied_to_us

__all__ = ["LocalPostgresError", "Running", "alive", "main", "running", "server"]

NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
# What keeps strangers out is not for options to change.
FIXED_OPTIONS = {
    "data_directory",
    "external_pid_file",
    "hba_file",
    "ident_file",
    "listen_addresses",
    "port",
    "unix_socket_directories",
    "unix_socket_permissions",
}
READY_WITHIN = 60.0  # recovery after a crash takes its time
PREDECESSOR_GONE_WITHIN = 15.0
COMMAND_ENDS_WITHIN = 5.0


@dataclass(frozen=True)
class Running:
    """A server that takes connections over the socket in the folder ``host``."""

    host: str
    port: int
    superuser: str
    pid: int
    data: Path

    def environment(self) -> dict[str, str]:
        """Return the variables by which PostgreSQL's clients find the server."""
        return {"PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": self.superuser}


def running(root: Path) -> Running | None:
    """Return the server of this root if it is up right now; costs two small reads.

    Args:
        root: the folder given to `server`.
    """
    for base in bases(root.resolve()):
        data = base / "data"
        found = read_pid_file(data)
        if found is not None and found.status == "ready" and is_postmaster(found.pid, data):
            return Running(found.socket_folder, found.port, SUPERUSER, found.pid, data)
    return None


def alive(up: Running) -> bool:
    """Tell whether a server's process still exists."""
    return is_postmaster(up.pid, up.data)


@contextmanager
def server(root: Path, *, options: Mapping[str, str] = NO_OPTIONS) -> Iterator[Running]:
    """Start the server that keeps its data under a folder, and stop it at the end.

    Call it from the main thread: where the kernel offers it, the server ends with the thread that started it.

    Args:
        root: the folder; made if missing, and the data with it.
        options: server settings, as in postgresql.conf.

    Raises:
        LocalPostgresError: another process owns the server, or it does not start.
    """
    settings = _checked(options)
    account = server_account()
    root = root.resolve()
    make_folder(root, mode=0o700 if account.is_ours else 0o711)
    with _only_owner(root):
        place = choose_place(root, account)
        programs = find_programs(place, account)
        end_orphan(place)
        began = open_log(place)
        create_data(place, account, programs)
        write_access_rules(place, programs.version)
        postmaster = _start(place, account, programs, settings, began)
        try:
            yield Running(str(place.run), PORT, SUPERUSER, postmaster.pid, place.data)
        finally:
            stop_postmaster(postmaster)


def _checked(options: Mapping[str, str]) -> list[str]:
    for name in options:
        if name in FIXED_OPTIONS or not re.fullmatch(r"[a-z_][a-z0-9_.]*", name):
            raise LocalPostgresError(f"option {name!r} cannot be set on the local PostgreSQL: leave it out")
    return [word for name, value in options.items() for word in ("-c", f"{name}={value}")]


@contextmanager
def _only_owner(root: Path) -> Iterator[None]:
    """Hold the root's lock; the kernel gives it back however this process ends."""
    try:
        handle = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalPostgresError(
            f"cannot open {root / 'lock'} ({error.strerror}): start as the user who made {root}"
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalPostgresError(_in_use(root, os.pread(handle, 32, 0))) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _in_use(root: Path, note: bytes) -> str:
    owner = note.decode("ascii", "replace").strip() or "?"
    up = running(root)
    connect = f"connect with PGHOST={up.host} PGUSER={up.superuser}" if up else "it is starting or stopping"
    return (
        f"the database in {root} is already in use: process {owner} owns its server; {connect}, "
        f"or stop it with: kill {owner}"
    )


def _start(
    place: Place, account: Account, programs: Programs, settings: list[str], began: int
) -> subprocess.Popen[bytes]:
    words = [*settings]
    for name, value in {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": _as_list_item(str(place.run)),
        "unix_socket_permissions": "0700",
        "hba_file": str(place.hba),
        "ident_file": str(place.ident),
    }.items():
        words += ["-c", f"{name}={value}"]
    deadline = time.monotonic() + PREDECESSOR_GONE_WITHIN
    while True:
        disarm_stale_pid_file(place.data)
        postmaster = start_postmaster(place, account, programs, words)
        try:
            if wait_until_ready(postmaster, place, programs, READY_WITHIN):
                return postmaster
        except BaseException:  # also a signal that breaks the start off
            stop_postmaster(postmaster)
            raise
        waited = postmaster.poll() is None
        stop_postmaster(postmaster)
        tail = log_tail(place.log, began)
        # After a kill of the old server its last processes may need a moment to notice.
        if "pre-existing shared memory block" in tail and time.monotonic() < deadline:
            began = place.log.stat().st_size
            time.sleep(0.1)
            continue
        reason = f"is not ready after {READY_WITHIN:.0f} s" if waited else "ended at its start"
        raise LocalPostgresError(f"the server {reason}; the end of {place.log}:\n{tail}")


def _as_list_item(path: str) -> str:
    return '"' + path.replace('"', '""') + '"'


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command beside a local server, and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    cut = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(
        prog="python -m config.localpg",
        usage="%(prog)s ROOT [--option NAME=VALUE]… -- COMMAND…",
        description="Run COMMAND beside a PostgreSQL server that keeps its data under ROOT.",
    )
    parser.add_argument("root", type=Path, metavar="ROOT")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="server setting")
    parsed = parser.parse_args(words[:cut])
    command = words[cut + 1 :]
    if not command:
        parser.error("no command: write it after --")
    options = dict(_name_and_value(parser, text) for text in parsed.option)
    try:
        with StopSignals() as signals, server(parsed.root, options=options) as up:
            signals.interrupting = False
            return _run_beside(command, up, signals)
    except LocalPostgresError as error:
        print(f"localpg: {error}", file=sys.stderr)
        return 1


def _name_and_value(parser: argparse.ArgumentParser, text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        parser.error(f"--option {text}: write it as NAME=VALUE")
    return name, value


def _run_beside(command: list[str], up: Running, signals: StopSignals) -> int:
    try:
        child = subprocess.Popen(
            command,
            env={**os.environ, **up.environment()},
            preexec_fn=tied_to_us(signal.SIGTERM),
        )
    except OSError as error:
        raise LocalPostgresError(f"cannot run {command[0]}: {error.strerror}") from None
    try:
        return _watch(child, up, signals)
    finally:
        _end(child)


def _watch(child: subprocess.Popen[bytes], up: Running, signals: StopSignals) -> int:
    passed_on = 0
    deadline = float("inf")
    while time.monotonic() < deadline:
        try:
            code = child.wait(0.1)
            return 128 - code if code < 0 else code
        except subprocess.TimeoutExpired:
            pass
        if not alive(up):
            raise LocalPostgresError(
                f"the server (process {up.pid}) died, so the command is ended; "
                "the next start recovers the data"
            )
        for signum in signals.received[passed_on:]:
            passed_on += 1
            # The terminal gives Ctrl-C to the command as well; twice would break off its orderly end.
            if signum != signal.SIGINT or not _in_foreground():
                child.send_signal(signum)
            if signum != signal.SIGINT:
                deadline = min(deadline, time.monotonic() + COMMAND_ENDS_WITHIN)
    print(f"localpg: {child.args!r} does not end: killing it", file=sys.stderr)
    child.kill()
    return 128 + signal.SIGKILL


def _in_foreground() -> bool:
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(COMMAND_ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


if __name__ == "__main__":
    sys.exit(main())
