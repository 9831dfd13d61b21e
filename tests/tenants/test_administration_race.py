"""Administration while people work: no half state, and nobody at work is thrown out by a deadlock."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from tenants.administration.appoint import appoint
from tenants.administration.close import close
from tenants.administration.move import move, tenant_tables
from tenants.models import Appointment, Role
from tenants.refusals import Refused as AdministrationRefused
from tenants.scope import tenant_scope
from tests.cast import Cast, inside, make_member, nomination
from tests.tenants.administrators import fresh, verbs
from tests.workflows.steps import FLOW, Walk
from workflows.actions.decide import decide
from workflows.actions.start import start
from workflows.engine.lock import lock_case
from workflows.errors import Refused
from workflows.models import Decision, Process, Task

CASES = 8


def race(moves: list[Callable[[], object]]) -> Counter[str]:
    """Run every move at the same moment, each on a connection of its own; count how they ended."""
    barrier = Barrier(len(moves))

    def run(act: Callable[[], object]) -> str:
        try:
            barrier.wait()
            act()
        except (Refused, AdministrationRefused) as refusal:
            return refusal.code
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(moves)) as pool:
        return Counter(pool.map(run, moves))


def test_decisions_during_a_move_are_wholly_before_or_wholly_after_it(cast: Cast) -> None:
    members = [make_member(cast.shicheng, f"党员{n}") for n in range(20 * CASES)]
    walks = [Walk(cast, member).check() for member in members[:CASES]]
    steps = [(walk, walk.open_step()) for walk in walks]

    def agree(walk: Walk, step: Task) -> Callable[[], object]:
        def act() -> None:
            place = fresh(cast.shicheng)
            with tenant_scope(place):
                decide(walk.case_id, step.pk, actor=walk.secretary, outcome="agreed")

        return act

    ended = race(
        [
            *(agree(walk, step) for walk, step in steps),
            lambda: move(cast.shicheng, to=cast.yuntai, actor=None),
        ]
    )
    assert set(ended) <= {"done", "TENANT_MOVED", "STEP_CLOSED"}
    assert fresh(cast.shicheng).street_id == cast.yuntai.pk
    _nothing_is_left_behind(cast)
    for walk, step in steps:
        with tenant_scope(fresh(cast.shicheng)):
            decided = Decision.objects.filter(task_id=step.pk).count()
            assert Task.objects.get(pk=step.pk).status == ("DONE" if decided else "NEW")
            assert Task.objects.filter(process_id=walk.case_id, finished=None).count() == 1
    verbs(cast.shicheng)


def test_a_move_gives_way_to_a_decision_that_it_met_half_way(cast: Cast) -> None:
    """The decision holds its case and has yet to touch the tenant's row, which the move holds by then."""
    walk = Walk(cast).check()
    step = walk.open_step()
    with ThreadPoolExecutor(1) as pool:
        with inside(cast.shicheng):
            lock_case(walk.case_id)
            moving = pool.submit(_move_and_disconnect, cast)
            time.sleep(0.6)
            assert not moving.done()
            decide(walk.case_id, step.pk, actor=walk.secretary, outcome="agreed")
        assert moving.result(timeout=20) is None
    assert walk_status(cast, step) == "DONE"
    _nothing_is_left_behind(cast)
    assert verbs(cast.shicheng)[-2:] == ["step.decided", "tenant.moved"]


def test_a_case_and_a_move_begun_at_once_agree_on_the_street(cast: Cast) -> None:
    members = [make_member(cast.shicheng, f"党员{n}") for n in range(60)][:3]
    clerk = cast.actor("li_min")

    def nominate(number: int) -> Callable[[], object]:
        def act() -> None:
            with inside(fresh(cast.shicheng)):
                start(FLOW, actor=clerk, data=nomination(members[number]))

        return act

    ended = race([*(nominate(n) for n in range(3)), lambda: move(cast.shicheng, to=cast.yuntai, actor=None)])
    assert set(ended) <= {"done", "TENANT_MOVED", "STEP_CLOSED"}
    assert fresh(cast.shicheng).street_id == cast.yuntai.pk
    _nothing_is_left_behind(cast)


def test_a_case_is_never_started_in_a_tenant_that_has_closed_meanwhile(cast: Cast) -> None:
    members = [make_member(cast.shicheng, f"党员{n}") for n in range(60)][:3]
    clerk = cast.actor("li_min")

    def nominate(number: int) -> Callable[[], object]:
        def act() -> None:
            with inside(cast.shicheng):
                start(FLOW, actor=clerk, data=nomination(members[number]))

        return act

    ended = race([*(nominate(n) for n in range(3)), lambda: close(cast.shicheng, actor=None)])
    with inside(cast.shicheng):
        cases = Process.objects.count()
    if fresh(cast.shicheng).is_open:
        assert (cases, ended["NOT_POSSIBLE"]) == (ended["done"], 1)
    else:
        assert (cases, ended) == (0, {"done": 1, "NOT_ALLOWED": 3})


def test_of_two_separated_administrators_given_at_once_one_is_given(cast: Cast) -> None:
    def give(role: Role) -> Callable[[], object]:
        return lambda: appoint(cast.shishan, user=cast.chen_jing, role=role, actor=None)

    ended = race([give(Role.SYSTEM_ADMIN), give(Role.SECURITY_ADMIN), give(Role.AUDIT_ADMIN)])
    assert ended == {"done": 1, "NOT_POSSIBLE": 2}
    with inside(cast.shishan):
        assert Appointment.objects.filter(user=cast.chen_jing).count() == 1


def walk_status(cast: Cast, step: Task) -> str:
    with tenant_scope(fresh(cast.shicheng)):
        return str(Task.objects.get(pk=step.pk).status)


def _move_and_disconnect(cast: Cast) -> None:
    try:
        move(cast.shicheng, to=cast.yuntai, actor=None)
    finally:
        connection.close()


def _nothing_is_left_behind(cast: Cast) -> None:
    with tenant_scope(fresh(cast.shicheng)), connection.cursor() as cursor:
        for table in tenant_tables():
            cursor.execute(f'SELECT DISTINCT street_id FROM "{table}"')
            assert {street for (street,) in cursor.fetchall()} <= {cast.yuntai.pk}
