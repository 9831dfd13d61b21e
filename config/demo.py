"""Run the whole demo with one command: database, worker and web server, started and stopped together.

`python -m config.demo` prepares the database, starts the worker and the web server on 127.0.0.1, and says
where it is. PORT names another port, DATABASE_URL another database server, LIANXI_VAR another folder for
what the demo keeps.
"""

import contextlib
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from config.localpg import LocalPostgresError, Running, alive, server
from config.localpg_process import (
    StopSignals,
    end_group,
    signal_on_parent_death,
    tied_to_us,
)

BASE_DIR = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
READY_WITHIN = 60.0
ENDS_WITHIN = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
SETTLED_AFTER = 60.0  # a worker that ran this long starts its pauses from the beginning again


class DemoError(Exception):
    """The demo cannot run; the message says what is wrong and what to do."""


class Child:
    """A program of the demo, in a process group of its own, told to end when we die."""

    def __init__(
        self, name: str, words: Sequence[str], environment: Mapping[str, str], output: IO[bytes] | None = None
    ) -> None:
        self.name = name
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            words,
            cwd=BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop the children in order
            preexec_fn=tied_to_us(signal.SIGTERM),
        )

    def ended(self) -> int | None:
        """Return the exit code once the program has ended."""
        return self._process.poll()

    def end(self) -> None:
        """End the program and what it started, within a bound."""
        end_group(self._process, grace=ENDS_WITHIN)


class Worker:
    """The background worker, started again after longer and longer pauses when it dies."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._pause = FIRST_PAUSE
        self._due = 0.0
        self._child: Child | None = None

    def keep_running(self) -> None:
        """Start the worker if it is not running and its pause is over."""
        now = time.monotonic()
        if self._child is None:
            if now >= self._due:
                self._child = Child("worker", manage("worker"), self._environment)
            return
        code = self._child.ended()
        if code is None:
            return
        if now - self._child.started >= SETTLED_AFTER:
            self._pause = FIRST_PAUSE
        say(f"the worker ended (code {code}); starting it again in {self._pause:.0f} s", to=sys.stderr)
        self.end()
        self._due, self._pause = now + self._pause, min(self._pause * 2, LONGEST_PAUSE)

    def end(self) -> None:
        """End the worker if it runs."""
        if self._child is not None:
            self._child.end()
            self._child = None


def say(text: str, *, to: IO[str] | None = None) -> None:
    """Print at once, also into a pipe."""
    print(text, file=to or sys.stdout, flush=True)


def manage(*words: str) -> list[str]:
    """Return the command line of a management command."""
    return [sys.executable, str(BASE_DIR / "manage.py"), *words]


def chosen_port() -> int:
    """Return the port that PORT names, or 8000, once nobody else listens on it.

    Raises:
        DemoError: the port is no port, or is taken.
    """
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise DemoError(f"PORT={text} is not a port: choose a number from 1 to 65535")
    port = int(text)
    with socket.socket() as probe:
        # As servers do: connections of an earlier demo that are only waiting to be forgotten don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = port + 1 if port < 65535 else 8000
                raise DemoError(
                    f"port {port} is taken (is a demo running already?): stop what uses it, or choose "
                    f"another one: PORT={other} make demo"
                ) from None
            raise DemoError(f"cannot use port {port} ({error.strerror}): PORT=8001 make demo") from None
    return port


@contextlib.contextmanager
def database(var: Path) -> Iterator[Running | None]:
    """Start the demo's own database server, unless DATABASE_URL names one."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    with server(var / "pg") as up:
        yield up


def preparation(own_database: bool) -> list[list[str]]:
    """Return the commands that prepare the database; the last one prints the demo's accounts.

    Args:
        own_database: whether the database is ours, so that nothing about it needs permission.
    """
    prepare = own_database or os.environ.get("DATABASE_ADMIN_URL")
    migrate = own_database or os.environ.get("DATABASE_OWNER_URL")
    if prepare and migrate:
        return [manage("demo", "prepare")]  # all of it in one process: starting Python is most of the time
    commands = []
    if prepare:
        commands.append(manage("database", "prepare"))
    else:
        say("DATABASE_ADMIN_URL is not set: taking the roles and the database as they are")
    if migrate:
        commands.append(manage("migrate", "--no-input"))
    else:
        say("DATABASE_OWNER_URL is not set: taking the tables as they are")
    return [*commands, manage("demo", "seed"), manage("demo", "accounts")]


def prepare_database(
    commands: Sequence[Sequence[str]], environment: Mapping[str, str], signals: StopSignals
) -> str | None:
    """Run the preparing commands; return what the last one printed, or None when we are to stop.

    Raises:
        DemoError: a command fails.
    """
    printed = ""
    for words in commands:
        # A file rather than a pipe: nobody has to read while the command runs.
        with tempfile.TemporaryFile() as output:
            child = Child(" ".join(words[2:]), words, environment, output)
            try:
                while child.ended() is None and not signals.received:
                    time.sleep(0.01)
                code = child.ended()
            finally:
                child.end()
            output.seek(0)
            printed = output.read().decode("utf-8", "replace").rstrip()
        if signals.received:
            return None
        if code != 0:
            raise DemoError(f"`manage.py {child.name}` failed (code {code})\n{printed}".rstrip())
    return printed


def web_server(port: int, environment: Mapping[str, str]) -> Child:
    """Start the web server."""
    words = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    words += ["--workers", "1", "--blocking-threads", "4", "--log-level", "warning"]
    # Without a bound, its main process waits for ever for a worker that does not stop.
    words += ["--workers-kill-timeout", "5", "config.wsgi:application"]
    return Child("the web server", words, environment)


def answers(port: int) -> bool:
    """Tell whether the demo answers that it is ready."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def supervise(port: int, environment: Mapping[str, str], up: Running | None, signals: StopSignals) -> None:
    """Prepare the database, run the worker and the web server until a signal says stop.

    Raises:
        DemoError: something that the demo cannot run without has failed or died.
    """
    accounts = prepare_database(preparation(up is not None), environment, signals)
    if accounts is None:
        return
    worker = Worker(environment)
    web = web_server(port, environment)
    deadline = time.monotonic() + READY_WITHIN
    announced = False
    try:
        while not signals.received:
            if (code := web.ended()) is not None:
                raise DemoError(f"the web server ended (code {code}); the demo is stopped")
            if up is not None and not alive(up):
                raise DemoError(
                    f"the database server (process {up.pid}) died; the demo is stopped, and the next start "
                    "recovers the data"
                )
            worker.keep_running()
            if not announced and answers(port):
                announced = True
                say(f"Lianxi is ready: http://{HOST}:{port}/\n\n{accounts}\n\nStop it with Ctrl-C.")
            elif not announced and time.monotonic() > deadline:
                raise DemoError(f"http://{HOST}:{port}/readyz does not answer within {READY_WITHIN:.0f} s")
            time.sleep(0.2 if announced else 0.02)
    finally:
        web.end()
        worker.end()


def follow_parent() -> None:
    """End with the process that started us, when LIANXI_DEMO_FOLLOW_PARENT asks for it."""
    if os.environ.get("LIANXI_DEMO_FOLLOW_PARENT") != "1":
        return
    parent = os.getppid()
    signal_on_parent_death(signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel knew our wish
        raise SystemExit(1)


def main() -> int:
    """Run the demo until it is told to stop; return 0 then, 1 when it cannot run."""
    var = Path(os.environ.get("LIANXI_VAR") or BASE_DIR / "var").resolve()
    with StopSignals() as signals:
        follow_parent()
        try:
            port = chosen_port()
            with database(var) as up:
                signals.interrupting = False
                environment = {
                    **os.environ,
                    **(up.environment() if up is not None else {}),
                    "DJANGO_SETTINGS_MODULE": "config.settings.demo",
                    "LIANXI_DEMO": "1",
                    "LIANXI_VAR": str(var),
                }
                supervise(port, environment, up, signals)
        except (DemoError, LocalPostgresError) as error:
            say(f"demo: {error}", to=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
