"""Child processes that never outlive us, and the test that a process is a certain postmaster."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

# Looked up once, here: between fork and exec nothing may import or take a lock.
_PRCTL = ctypes.CDLL(None, use_errno=True).prctl if sys.platform == "linux" else None


def signal_on_parent_death(signum: int) -> None:
    """Ask the kernel to send us a signal when our parent dies; only Linux can."""
    if _PRCTL is not None:
        _PRCTL(PR_SET_PDEATHSIG, signum, 0, 0, 0)


def tied_to_us(signum: int) -> Callable[[], None]:
    """Return a ``preexec_fn`` that makes the child receive a signal when this process dies.

    ``subprocess`` calls it after the change of account, which matters: the kernel forgets the request on
    every change of credentials. The request follows the calling thread, so start children from a thread that
    lives as long as the process.

    Args:
        signum: the signal that the child receives.
    """
    parent = os.getpid()

    def in_the_child() -> None:
        signal_on_parent_death(signum)
        # We may have died before the request was made: then nobody is left to stop this child.
        if os.getppid() != parent:
            os._exit(1)

    return in_the_child


def is_postmaster(pid: int, data: Path) -> bool:
    """Tell whether a process is the postmaster of a data directory.

    A pid file outlives its process, and numbers come round again: only the process itself can say.
    """
    words = _command_line(pid)
    # Backends rewrite their title to "postgres: …", zombies have none: neither passes here.
    if not words or os.path.basename(words[0]) not in {"postgres", "postmaster"}:
        return False
    if str(data) in words[1:]:
        return True
    try:  # started by hand with a relative path: it runs inside its data directory
        return os.readlink(f"/proc/{pid}/cwd") == str(data)
    except OSError:
        return False


def _command_line(pid: int) -> list[str]:
    if sys.platform == "linux":
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return []
        return [os.fsdecode(word) for word in raw.rstrip(b"\0").split(b"\0")] if raw else []
    shown = subprocess.run(
        ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    # `ps` joins words by spaces; a path with spaces is whole again after the last " -D ".
    program, _, rest = shown.partition(" -D ")
    return [program, "-D", rest.split(" -c ")[0]] if shown else []


def wait_until(condition: Callable[[], bool], seconds: float, *, every: float = 0.01) -> bool:
    """Wait for a condition; return whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True


def end_group(child: subprocess.Popen[bytes], *, grace: float) -> None:
    """End a child that leads its own process group, and whatever it left behind in the group.

    Args:
        child: started with ``start_new_session=True``.
        grace: seconds between the request (TERM) and the end (KILL).
    """
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(grace)
        except subprocess.TimeoutExpired:
            print(f"process {child.pid} does not end within {grace:.0f} s: killing it", file=sys.stderr)
    with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


class StopSignals:
    """Turn TERM, INT and HUP into something that a supervising loop can read.

    While ``interrupting`` is true a signal raises SystemExit, so that a slow start can be broken off; the
    caller sets it to false once it looks at ``received`` itself. From the second signal on, nothing is
    raised: the end is already under way, and must not be broken off half-way.
    """

    def __init__(self) -> None:
        self.interrupting = True
        self.received: list[int] = []
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for signum in STOP_SIGNALS:
            self._before[signum] = signal.signal(signum, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for signum, handler in self._before.items():
            signal.signal(signum, handler)  # type: ignore[arg-type]

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self.received.append(signum)
        if self.interrupting and len(self.received) == 1:
            raise SystemExit(128 + signum)
