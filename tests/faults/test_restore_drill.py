"""The drill of docs/how-to/back-up-and-restore.md: a whole installation is lost and comes back."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config import localpg
from config.localpg_place import server_account
from registry.models import Member
from tenants.models import Tenant
from tenants.provision import provision
from tenants.scope import tenant_scope
from tests.cast import Cast, make_cast, make_member
from tests.faults.launching import connect, eventually, passable_folder, programs_for
from tests.workflows.steps import Walk

pytestmark = pytest.mark.xdist_group("restore-drill")

NAME = "lianxi"
LONGEST_DRILL = 40.0  # seconds, on the slowest machine that we test on


@pytest.fixture
def folder() -> Iterator[Path]:
    with passable_folder() as made:
        yield made


@pytest.fixture(autouse=True)
def quick(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Let the drill use its own servers' databases, and hold it to its time."""
    began = time.monotonic()
    with django_db_blocker.unblock():
        yield
    assert time.monotonic() - began < LONGEST_DRILL


def test_an_installation_comes_back_as_it_was_at_a_point_in_time(folder: Path) -> None:
    archived = _folder_for_the_server(folder / "wal")
    options = {
        "wal_level": "replica",
        "archive_mode": "on",
        "archive_command": f"test ! -f {archived}/%f && cp %p {archived}/%f",
    }
    with localpg.server(folder / "pg", options=options) as up, _installation(up):
        cast = _populated()
        _run(up, "pg_basebackup", "-D", folder / "base", "--checkpoint=fast", "-X", "none")
        walk = Walk(cast).check()
        make_member(cast.dongshanbei, "之前")
        wanted = _names_and_logs()
        moment = _now(up)
        make_member(cast.dongshanbei, "之后")
        walk.review()
        assert _names_and_logs() != wanted
        _wait_until_archived(up)

    _lay_out(folder / "base", folder / "restored")
    recovery = {
        "restore_command": f"cp {archived}/%f %p",
        "recovery_target_time": moment.isoformat(),
        "recovery_target_action": "promote",
    }
    with localpg.server(folder / "restored", options=recovery) as up, _installation(up):
        _wait_until_recovered(up)
        assert _names_and_logs() == wanted
        _every_log_is_intact()
        # It is a database to go on with, not only one to look at.
        walk.review()
        assert walk.waiting_at() == ["community_notice"]
        make_member(cast.dongshanbei, "以后")
        _every_log_is_intact()


def test_without_a_target_time_everything_that_was_archived_comes_back(folder: Path) -> None:
    archived = _folder_for_the_server(folder / "wal")
    options = {"archive_mode": "on", "archive_command": f"test ! -f {archived}/%f && cp %p {archived}/%f"}
    with localpg.server(folder / "pg", options=options) as up, _installation(up):
        cast = _populated()
        _run(up, "pg_basebackup", "-D", folder / "base", "--checkpoint=fast", "-X", "none")
        Walk(cast)
        _wait_until_archived(up)
        wanted = _names_and_logs()
        make_member(cast.dongshanbei, "丢失")
        os.kill(up.pid, 9)  # with the disk: what was not archived is lost
        eventually(lambda: not localpg.alive(up))

    _lay_out(folder / "base", folder / "restored")
    with (
        localpg.server(folder / "restored", options={"restore_command": f"cp {archived}/%f %p"}) as up,
        _installation(up),
    ):
        _wait_until_recovered(up)
        assert _names_and_logs() == wanted
        _every_log_is_intact()


def test_a_dump_of_the_whole_database_comes_back_on_another_server(folder: Path) -> None:
    dump = folder / "lianxi.dump"
    with localpg.server(folder / "pg") as up, _installation(up):
        cast = _populated()
        walk = Walk(cast).check()
        wanted = _names_and_logs()
        _run(up, "pg_dump", "-Fc", "-d", NAME, "-f", dump)

    with localpg.server(folder / "other") as up:
        provision(_address(up), NAME)
        _run(up, "pg_restore", "--exit-on-error", "--single-transaction", "-d", NAME, dump)
        with _installation(up):
            assert _names_and_logs() == wanted
            _every_log_is_intact()
            call_command("migrate", verbosity=0)
            walk.review()
            _every_log_is_intact()


def _address(up: localpg.Running) -> str:
    return f"host={up.host} port={up.port} user={up.superuser} dbname=postgres"


@contextmanager
def _installation(up: localpg.Running) -> Iterator[None]:
    """Let Django work on the database of a server of the drill."""
    place = {"HOST": up.host, "PORT": str(up.port)}
    before = dict(connection.settings_dict)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "OWNER_CONNECTION", {**place, "USER": "lianxi_owner", "PASSWORD": ""})
        connection.close()
        connection.settings_dict.update(place, NAME=NAME, USER="lianxi_app", PASSWORD="")
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict.update(before)


def _populated() -> Cast:
    settings_of = connection.settings_dict
    address = f"host={settings_of['HOST']} port={settings_of['PORT']} user=postgres dbname=postgres"
    provision(address, NAME)
    call_command("migrate", verbosity=0)
    cast = make_cast()
    make_member(cast.shicheng, "张三")
    return cast


def _names_and_logs() -> dict[str, tuple[list[str], int, str]]:
    """Return every tenant's members, and the number and hash of its last log entry."""
    found = {}
    for tenant in Tenant.objects.order_by("pk"):
        with tenant_scope(tenant), connection.cursor() as cursor:
            names = sorted(member.name for member in Member.objects.all())
            cursor.execute("SELECT seq, hash FROM audit_head")
            found[tenant.slug] = (names, *(cursor.fetchone() or (0, "")))
    return found


def _every_log_is_intact() -> None:
    said = io.StringIO()
    call_command("audit", "verify", stdout=said)
    assert re.match(r"Intact: [1-9]\d* entries of 7 tenants", said.getvalue())


def _now(up: localpg.Running) -> datetime:
    """Note the time, apart from what was before and what comes after."""
    with connect(up) as admin:
        time.sleep(0.05)
        (moment,) = admin.execute("SELECT clock_timestamp()").fetchone() or (None,)
        time.sleep(0.05)
    assert isinstance(moment, datetime)
    return moment


def _wait_until_archived(up: localpg.Running) -> None:
    with connect(up) as admin:
        (name,) = admin.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone() or ("",)

        def archived() -> bool:
            row = admin.execute("SELECT last_archived_wal FROM pg_stat_archiver").fetchone()
            return row is not None and row[0] is not None and row[0] >= name

        eventually(archived)


def _wait_until_recovered(up: localpg.Running) -> None:
    with connect(up) as admin:
        eventually(lambda: admin.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,))


def _run(up: localpg.Running, program: str, *words: str | Path) -> None:
    path = programs_for(up.data.parent).path(program)
    done = subprocess.run(
        [path, "-h", up.host, "-p", str(up.port), "-U", up.superuser, *map(str, words)],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _folder_for_the_server(path: Path) -> Path:
    path.mkdir()
    account = server_account()
    shutil.chown(path, account.uid, account.gid)
    return path


def _lay_out(base: Path, root: Path) -> None:
    """Put a base backup where a server of this root expects its data, and ask for recovery."""
    (base / "recovery.signal").touch()
    root.mkdir()
    base.rename(root / "data")
    account = server_account()
    for found in [root / "data", *(root / "data").rglob("*")]:
        os.chown(found, account.uid, account.gid, follow_symlinks=False)
    (root / "data").chmod(0o700)
