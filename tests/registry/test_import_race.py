"""Two people import the same members at the same time."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from django.db import connections

from registry.errors import ImportConflict
from registry.roster import import_roster
from tenants.scope import tenant_scope
from tests.cast import Cast
from tests.registry.lists import imports, load, members, person, workbook


def test_the_second_of_two_simultaneous_imports_is_refused_whole(cast: Cast) -> None:
    clerk, secretary = cast.actor("li_min"), cast.actor("wang_fang")
    first_wrote, second_waits = Event(), Event()

    def first() -> None:
        try:
            with tenant_scope(cast.shicheng):
                import_roster(workbook([person(1)]), actor=clerk)
                first_wrote.set()
                second_waits.wait(timeout=1)
        finally:
            connections.close_all()

    thread = Thread(target=first)
    thread.start()
    assert first_wrote.wait(timeout=10)
    with pytest.raises(ImportConflict) as conflict:
        load(cast.shicheng, workbook([person(3), person(1)]), actor=secretary)
    thread.join(timeout=10)
    assert (conflict.value.code, conflict.value.status) == ("IMPORT_CONFLICT", 409)
    assert len(members(cast.shicheng)) == 1
    assert [event.actor_id for event in imports(cast.shicheng)] == [cast.li_min.pk]


def test_an_import_that_waits_too_long_for_another_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.scope.LOCK_TIMEOUT", "100ms")
    clerk = cast.actor("li_min")
    first_wrote, second_is_done = Event(), Event()

    def first() -> None:
        try:
            with tenant_scope(cast.shicheng):
                import_roster(workbook([person(1)]), actor=clerk)
                first_wrote.set()
                second_is_done.wait(timeout=10)
        finally:
            connections.close_all()

    thread = Thread(target=first)
    thread.start()
    assert first_wrote.wait(timeout=10)
    with pytest.raises(ImportConflict):
        load(cast.shicheng, workbook([person(1)]), actor=clerk)
    second_is_done.set()
    thread.join(timeout=10)
    assert len(members(cast.shicheng)) == 1
