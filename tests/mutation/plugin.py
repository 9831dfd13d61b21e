"""The pytest plugin that applies a mutation: `-p tests.mutation.plugin`, LIANXI_MUTATION names it.

A mutation of the code is made while its module is imported. Those of a database table are made and taken
back one after the other in one run, each with the suites up to the first test that fails.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest

from tests.mutation.code import CODE, CodeMutation
from tests.mutation.database import DatabaseMutation, mutations_of

NAME = os.environ.get("LIANXI_MUTATION", "")
RESULT = os.environ.get("LIANXI_MUTATION_RESULT", "")
CONNECT_AS = "role: "


class _Mutated(importlib.machinery.SourceFileLoader):
    """Compile a module from its mutated source, never from a cache."""

    mutation: CodeMutation

    def get_code(self, fullname: str) -> CodeType:
        source = self.mutation.apply(Path(self.path).read_text(encoding="utf-8"))
        return compile(source, self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutation: CodeMutation) -> None:
        self.mutation = mutation

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.mutation.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.origin is not None
        loader = _Mutated(name, spec.origin)
        loader.mutation = self.mutation
        return importlib.util.spec_from_file_location(name, spec.origin, loader=loader)


for _mutation in CODE:
    if _mutation.name == NAME:
        assert _mutation.module not in sys.modules, f"{_mutation.module} is imported before it is mutated"
        sys.meta_path.insert(0, _Finder(_mutation))


@pytest.fixture(scope="session", autouse=True)
def connected_as_somebody_else(django_db_setup: None) -> None:
    """Connect as a role that row-level security does not bind, after the look at it at the start."""
    if NAME.startswith(CONNECT_AS + "connect as "):
        from django.db import connection

        connection.close()
        connection.settings_dict["USER"] = NAME.rsplit(" ", 1)[1]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the chosen tests once for each mutation of a table; leave any other run as it is."""
    if not NAME.startswith("table: ") or not session.items:
        return None
    table = NAME.removeprefix("table: ")
    results: list[tuple[str, str]] = []
    control = _first_failure(session.items)  # makes the database, and must find nothing
    if control:
        results.append((f"{table}: (nothing changed)", f"!{control}"))
    else:
        with _admin() as admin:
            for mutation in mutations_of(admin, table):
                admin.execute(mutation.sql)
                results.append((mutation.name, _first_failure(_in_order(session.items, mutation))))
                admin.execute(mutation.undo)
        if left := _first_failure(session.items):
            results.append((f"{table}: (everything taken back)", f"!{left}"))
    Path(RESULT).write_text(json.dumps(results), encoding="utf-8")
    session.testscollected = len(results)
    return True


def _in_order(items: list[pytest.Item], mutation: DatabaseMutation) -> list[pytest.Item]:
    return sorted(items, key=lambda item: not item.nodeid.startswith(mutation.first))


def _first_failure(items: list[pytest.Item]) -> str:
    """Run tests until one fails; return its name, or nothing."""
    from _pytest.runner import runtestprotocol
    from _pytest.subtests import failed_subtests_key

    for item in items:
        item.config.stash[failed_subtests_key].clear()  # else a test that failed once fails for ever
        # "The session comes next" keeps what the session has set up, the database above all.
        _failed.clear()
        runtestprotocol(item, nextitem=item.session)  # type: ignore[arg-type]
        if _failed:
            return item.nodeid
    return ""


_failed: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take note of every failure; a subtest's is told here only."""
    if report.failed:
        _failed.append(report.nodeid)


def _admin() -> Any:
    import psycopg
    from django.conf import settings
    from django.db import connection

    return psycopg.connect(settings.ADMIN_CONNINFO, dbname=connection.settings_dict["NAME"], autocommit=True)
