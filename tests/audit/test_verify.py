"""The log's verifier: silent on an intact log, and naming the entry after every kind of tampering."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from audit.models import Event, Head, UnscopedLogError
from audit.verify import Verdict, verify
from tenants.owner import as_owner
from tenants.scope import tenant_scope
from tests.cast import Cast, inside
from tests.workflows.steps import Walk


def _verify(cast: Cast) -> Verdict:
    with inside(cast.shicheng):
        return verify(cast.shicheng.pk)


def _tamper(cast: Cast, *statements: str) -> None:
    """Change the log as the database's owner, inside the tenant's scope settings."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount == 1
        cursor.execute("ALTER TABLE audit_event FORCE ROW LEVEL SECURITY")


def test_a_whole_cases_log_is_intact(cast: Cast) -> None:
    Walk(cast).to_decision().award()
    verdict = _verify(cast)
    assert verdict.intact
    assert verdict.checked == 9


def test_the_command_passes_on_an_intact_log(cast: Cast) -> None:
    Walk(cast)
    out = io.StringIO()
    call_command("audit", "verify", stdout=out)
    assert "Intact: 1 entries of 7 tenants" in out.getvalue()


def test_the_command_fails_naming_the_entry_that_the_owner_changed(cast: Cast) -> None:
    Walk(cast).check().review()
    _tamper(cast, "UPDATE audit_event SET actor_name = '他人' WHERE seq = 2")
    with pytest.raises(CommandError, match=r"狮城社区 \(shicheng\): entry 2 \(step.decided\) was changed"):
        call_command("audit", "verify", stdout=io.StringIO())


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (["UPDATE audit_event SET changes = '{}' WHERE seq = 3"], "entry 3 (step.decided) was changed"),
        (["UPDATE audit_event SET at = at + interval '1 second' WHERE seq = 1"], "entry 1 (case.started)"),
        (["DELETE FROM audit_event WHERE seq = 2"], "entry 2 is missing"),
        (["DELETE FROM audit_event WHERE seq = 3"], "entries 3 to 3 were cut off"),
        (
            [
                "UPDATE audit_event SET seq = -2 WHERE seq = 2",
                "UPDATE audit_event SET seq = 2 WHERE seq = 3",
                "UPDATE audit_event SET seq = 3 WHERE seq = -2",
            ],
            "entry 2 does not follow",
        ),
        (
            ["UPDATE audit_event SET hash = repeat('0', 64) WHERE seq = 2"],
            "entry 2 (step.decided) was changed",
        ),
    ],
)
def test_every_tampering_is_found_at_its_entry(cast: Cast, statements: list[str], problem: str) -> None:
    Walk(cast).check().review()
    _tamper(cast, *statements)
    assert problem in _verify(cast).problem


def test_an_entry_that_was_slipped_in_is_found(cast: Cast) -> None:
    Walk(cast).check().review()
    columns = ", ".join(f.column for f in Event._meta.local_fields if f.name not in ("id", "seq"))
    _tamper(
        cast, f"INSERT INTO audit_event (seq, {columns}) SELECT 4, {columns} FROM audit_event WHERE seq = 3"
    )
    assert _verify(cast).problem.startswith("entry 4 does not follow")


def test_the_application_cannot_change_or_delete_an_entry(cast: Cast) -> None:
    Walk(cast)
    for statement in ("UPDATE audit_event SET verb = 'x'", "DELETE FROM audit_event"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            inside(cast.shicheng),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert _verify(cast).intact


def test_an_event_exists_exactly_if_its_change_does(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError):
        _failing_start(cast)
    with inside(cast.shicheng):
        assert not Event.objects.of(cast.shicheng.pk).exists()
        assert not Head.objects.of(cast.shicheng.pk).exists()


def test_one_tenants_log_is_no_other_tenants(cast: Cast) -> None:
    Walk(cast)
    with tenant_scope(cast.dongshanbei):
        assert not Event.objects.of(cast.shicheng.pk).exists()
    with inside(cast.shicheng):
        assert Event.objects.of(cast.shicheng.pk).count() == 1


def test_the_log_is_never_read_for_all_tenants_at_once(cast: Cast) -> None:
    with pytest.raises(UnscopedLogError), inside(cast.shicheng):
        Event.objects.count()


def _failing_start(cast: Cast) -> None:
    from tests.cast import make_member, nomination
    from tests.workflows.steps import FLOW
    from workflows.actions.start import start

    member, clerk = make_member(cast.shicheng), cast.actor("li_min")
    with inside(cast.shicheng):
        start(FLOW, actor=clerk, data=nomination(member))
        raise ZeroDivisionError
