"""What the worker does; the one place that knows the job library."""

from __future__ import annotations

from contextlib import suppress

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from workflows.engine import timers


@app.periodic(cron="* * * * *")
@app.task(name="sweep_timers", queueing_lock="sweep_timers", pass_context=False)
def sweep_timers(timestamp: int = 0) -> int:
    """Fire the timers that are due; runs every minute, and whenever it is asked for."""
    return timers.sweep()


def enqueue_sweep() -> None:
    """Ask the worker to sweep now; part of the caller's transaction."""
    with suppress(AlreadyEnqueued):
        sweep_timers.defer(timestamp=0)  # type: ignore[call-arg]
