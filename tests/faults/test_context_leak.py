"""Nothing of one user's scope is left for the next one who gets the connection.

`make soak` sends 10,000 requests through each pool. LIANXI_REQUESTS and LIANXI_SEED choose others.
"""

from __future__ import annotations

import logging
import os
import random
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tenants import scope
from tests.faults.crowd import Tally, Visitor, database_as, let_loose, make_crowd
from tests.faults.pgbouncer import pgbouncer

POOL = 5
USERS = 50
REQUESTS = int(os.environ.get("LIANXI_REQUESTS", "600"))
SEED = int(os.environ.get("LIANXI_SEED") or random.SystemRandom().randrange(2**32))

pytestmark = pytest.mark.xdist_group("context-leak")


@contextmanager
def psycopg_pool() -> Iterator[None]:
    """Django's own pool: a connection goes back when a request ends."""
    pool = {"min_size": POOL, "max_size": POOL, "timeout": 60}
    options = {**connection.settings_dict["OPTIONS"], "pool": pool}
    with database_as(OPTIONS=options, CONN_MAX_AGE=0):
        yield


@contextmanager
def transaction_pooler() -> Iterator[None]:
    """pgbouncer in transaction mode: a connection goes back when a transaction ends."""
    with pgbouncer(connection.settings_dict, size=POOL) as changes, database_as(**changes, CONN_MAX_AGE=600):
        yield


POOLS = {"psycopg_pool": psycopg_pool, "pgbouncer": transaction_pooler}


@pytest.fixture
def visitors(database: None) -> list[Visitor]:
    return make_crowd()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The exceptions that are raised on purpose are not worth a traceback each."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("pool", POOLS)
def test_no_row_of_another_tenant_is_shown_over_a_shared_connection(
    visitors: list[Visitor], pool: str
) -> None:
    assert len(visitors) == USERS
    others = _backends()  # the suite's own site, if it runs, is connected as well
    with POOLS[pool]():
        tally = let_loose(visitors, requests=REQUESTS, seed=SEED)
        backends = _backends() - others
    _say(pool, tally, backends)
    assert tally.problems == []
    assert tally.requests >= REQUESTS
    assert tally.raised > REQUESTS / 20
    assert tally.shown > REQUESTS / 4
    assert tally.denied > REQUESTS / 100
    assert 1 < backends <= POOL


@pytest.mark.parametrize("pool", POOLS)
def test_a_setting_that_outlives_its_transaction_would_be_noticed(visitors: list[Visitor], pool: str) -> None:
    with POOLS[pool](), _outliving():
        tally = let_loose(visitors, requests=USERS * 2, seed=SEED)
    assert tally.problems != []


def _outliving() -> AbstractContextManager[Any]:
    """Let scopes set their tenant for the session instead of for the transaction."""
    original = scope._settings
    return patch.object(scope, "_settings", lambda s: original(s).replace("SET LOCAL app.", "SET app."))


def _backends() -> int:
    """Return how many connections of the application the server has."""
    with psycopg.connect(settings.ADMIN_CONNINFO, autocommit=True) as admin:
        sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = %s"
        row = admin.execute(
            sql, [connection.settings_dict["NAME"], connection.settings_dict["USER"]]
        ).fetchone()
    assert row is not None
    return int(row[0])


def _say(pool: str, tally: Tally, backends: int) -> None:
    sys.stderr.write(
        f"\n{pool}: {tally.requests} requests of {USERS} users over {backends} connections, "
        f"{tally.raised} raised midway, {tally.shown} own rows shown, {len(tally.problems)} problems, "
        f"seed {SEED}\n"
    )
