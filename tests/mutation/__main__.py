"""Run every mutation in a process of its own, and print which test noticed it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.code import CODE, LAYERS, MATRIX, SCOPES
from tests.mutation.database import SUITES

ROOT = Path(__file__).absolute().parents[2]
AT_ONCE = int(os.environ.get("LIANXI_MUTATIONS_AT_ONCE", "2"))
TOO_LONG = 300
WIDTH = 60
SURVIVED = "SURVIVED"
CONTROL = "(nothing changed)"
# The property test finds a difference within far fewer steps than a whole run has.
BUDGET = {"LIANXI_STEPS": "300", "LIANXI_REQUESTS": "200", "LIANXI_SEED": "1", "LIANXI_SHRINK": "0"}


@dataclass(frozen=True)
class Job:
    """One run of pytest."""

    name: str
    suites: tuple[str, ...]

    @property
    def is_table(self) -> bool:
        return self.name.startswith("table: ")


@dataclass(frozen=True)
class Outcome:
    mutation: str
    caught_by: str

    @property
    def is_caught(self) -> bool:
        if self.mutation == CONTROL:
            return not self.caught_by  # suites that fail anyhow prove nothing
        return bool(self.caught_by) and not self.caught_by.startswith("!")

    @property
    def said(self) -> str:
        return self.caught_by.lstrip("!") or ("every suite passes" if self.mutation == CONTROL else SURVIVED)


def main(chosen: list[str]) -> int:
    """Run the mutations whose names hold one of the words, all without words; 1 if one is not caught."""
    began = time.monotonic()
    jobs = [job for job in _jobs() if not chosen or any(word in job.name for word in chosen)]
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(_run, range(len(jobs)), jobs):
            outcomes += found
            for outcome in found:
                _print(f"{outcome.mutation:{WIDTH}}  {outcome.said}")
    missed = [outcome for outcome in outcomes if not outcome.is_caught]
    _print(f"\n{_summary(outcomes, missed)}, {time.monotonic() - began:.0f} s")
    for outcome in missed:
        _print(f"NOT CAUGHT: {outcome.mutation}: {outcome.said}")
    return 1 if missed else 0


def _summary(outcomes: list[Outcome], missed: list[Outcome]) -> str:
    mutations = [outcome for outcome in outcomes if outcome.mutation != CONTROL]
    return f"{len(mutations)} mutations, {sum(outcome not in missed for outcome in mutations)} caught"


def _jobs() -> list[Job]:
    """Return the runs, the longest first."""
    tables = [Job(f"table: {table}", SUITES) for table in _tables()]
    roles = [
        Job(f"role: connect as {role}", (SCOPES, LAYERS, MATRIX)) for role in ("lianxi_owner", "postgres")
    ]
    every = tuple(dict.fromkeys(suite for mutation in CODE for suite in mutation.suites))
    code = [Job(mutation.name, mutation.suites) for mutation in CODE]
    return [Job(CONTROL, every), *tables, *code, *roles]


def _tables() -> list[str]:
    """Ask the models for the tenant tables: a new one is mutated without being listed anywhere."""
    import django
    from django.apps import apps

    django.setup()
    needed = {"tenant_id", "street_id", "district_id"}
    models = apps.get_models()
    return sorted(m._meta.db_table for m in models if needed <= {f.attname for f in m._meta.concrete_fields})


def _run(number: int, job: Job) -> list[Outcome]:
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result"
        environment = {
            **os.environ,
            **BUDGET,
            "LIANXI_MUTATION": job.name,
            "LIANXI_MUTATION_RESULT": str(result),
            # Runs at the same time must not share a database.
            "DATABASE_NAME": f"mutation{number}",
        }
        command = [sys.executable, "-m", "pytest", "-p", "tests.mutation.plugin", "-q", "--no-header"]
        # A run of many mutations goes on after a failure; `-x` would end what the session has set up.
        command += [] if job.is_table else ["-x"]
        try:
            done = subprocess.run(
                [*command, *job.suites],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=TOO_LONG,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return [Outcome(job.name, f"!no end within {TOO_LONG} s")]
        if job.is_table:
            if not result.exists():
                return [Outcome(job.name, f"!{done.stdout[-1000:]}{done.stderr[-1000:]}")]
            return [Outcome(*pair) for pair in json.loads(result.read_text())]
        return [Outcome(job.name, _first_failure(done))]


def _first_failure(done: subprocess.CompletedProcess[str]) -> str:
    """Return the test that failed; a run that could not even begin has caught nothing."""
    if done.returncode == 0:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) (tests/\S+)", done.stdout, re.MULTILINE)
    if done.returncode != 1 or found is None:
        return f"!pytest ended with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr[-1000:]}"
    return found[1]


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
