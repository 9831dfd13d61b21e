"""Record every statement that the application makes while the suite runs, and judge them all at its end.

Each worker of pytest-xdist sends what it recorded to the process that reports; the run fails there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from tests.architecture.statements import KNOWN_REFUSALS, complaints, normalised

ROOT = Path(__file__).resolve().parents[2]
TESTS = str(ROOT / "tests") + os.sep
PACKAGES = tuple(
    str(ROOT / name) + os.sep
    for name in ("audit", "tenants", "registry", "workflows", "web", "graphql", "demo", "config", "tests")
)
ORM = os.path.join("django", "db", "models") + os.sep
SECTION = "statements"

Statement = tuple[str, str]
"""A normalised statement and the role of the scope in which it ran."""


@dataclass
class Recorder:
    """The distinct statements that ran as the application, each with the test that ran it first."""

    first: dict[Statement, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    """Where the tests that break the rules on purpose begin: nothing of theirs is recorded."""

    def listen(self) -> None:
        """Record on every connection that is opened from now on."""
        connection_created.connect(self._wrap, weak=False, dispatch_uid="statements")

    def _wrap(self, connection: BaseDatabaseWrapper, **_: Any) -> None:
        if self not in connection.execute_wrappers:
            # First, for whoever wraps for a while takes the last one away.
            connection.execute_wrappers.insert(0, self)

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        self.note(sql, params, context["connection"])
        return execute(sql, params, many, context)

    def note(self, sql: Any, params: Any, connection: BaseDatabaseWrapper) -> None:
        from tenants.provision import APP_ROLE
        from tenants.scope import active_scope, scope_is_active

        test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
        if connection.settings_dict["USER"] != APP_ROLE or test.startswith(self.ignored or "\0"):
            return
        if _is_written_by_a_test(sys._getframe(1)):
            return
        text = sql if isinstance(sql, str) else sql.as_string(connection.connection)
        role = active_scope().role if scope_is_active() else ""
        statement = normalised(text, has_parameters=params is not None), role
        self.first.setdefault(statement, test)

    def forget(self, connection: BaseDatabaseWrapper) -> None:
        """Stop recording on a connection."""
        connection.execute_wrappers.remove(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def _is_written_by_a_test(frame: FrameType | None) -> bool:
    """Tell whether the SQL stands in a test, which looks from outside or attacks; Django's own is judged."""
    by_orm = False
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(PACKAGES) and not name.endswith("recording.py"):
            return name.startswith(TESTS) and not by_orm
        by_orm = by_orm or ORM in name
        frame = frame.f_back
    return False


@dataclass(frozen=True)
class Offence:
    statement: str
    role: str
    test: str
    problems: tuple[str, ...]

    def __str__(self) -> str:
        lines = [*self.problems, f"  {self.statement[:1500]}"]
        return "\n".join([*lines, f"  in {self.role or 'no scope'}, first run by {self.test or 'no test'}"])


def offences(first: dict[Statement, str], tables: list[str]) -> list[Offence]:
    """Return the statements that are wrong, apart from what is known to need a change."""
    found = []
    for (sql, role), test in first.items():
        problems = [each for each in complaints(sql, tables, role=role) if each not in KNOWN_REFUSALS]
        if problems:
            found.append(Offence(sql, role, test, tuple(problems)))
    return sorted(found, key=lambda offence: (offence.problems, offence.statement))


class StatementGuard:
    """The suite's plugin: record in every process, judge and report in one."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.report: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        for sql, role, test in getattr(node, "workeroutput", {}).get(SECTION, ()):
            self.recorder.first.setdefault((sql, role), test)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[SECTION] = [[*statement, test] for statement, test in self.recorder.first.items()]
            return
        self.judge()
        if len(self.report) > 1 and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def judge(self) -> None:
        """Judge what was recorded; the report's first line counts, the others are offences."""
        from tenants.distribution import tenant_models

        tables = [model._meta.db_table for model in tenant_models()]
        touching = sum(any(table in sql for table in tables) for sql, _ in self.recorder.first)
        wrong = offences(self.recorder.first, tables)
        counts = f"{len(self.recorder.first)} distinct statements, {touching} on tenant tables"
        known = f"{len(KNOWN_REFUSALS)} kinds of refusal are known"
        self.report = [f"{counts}, {len(wrong)} without a tenant or not distributable ({known})"]
        self.report += map(str, wrong)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self.recorder.first and self.report:
            terminalreporter.section("statements of the application", red=len(self.report) > 1)
            terminalreporter.write_line("\n\n".join(self.report))
