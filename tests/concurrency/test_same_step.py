"""Many people at one step at once: one decision, no half-done case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from audit.models import Event
from audit.verify import verify
from tests.cast import Cast, inside, make_member, nomination
from tests.workflows.steps import FLOW, Walk
from workflows.actions.decide import decide
from workflows.actions.send_back import send_back
from workflows.actions.start import start
from workflows.actions.withdraw import withdraw
from workflows.errors import Refused
from workflows.models import Decision, Process, Task

RACERS = 20


def _race(moves: list[Callable[[], object]]) -> Counter[str]:
    """Run every move at the same moment, each on a connection of its own; count how they ended."""
    barrier = Barrier(len(moves))

    def run(move: Callable[[], object]) -> str:
        try:
            barrier.wait()
            move()
        except Refused as refusal:
            return refusal.code
        else:
            return "done"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(moves)) as pool:
        return Counter(pool.map(run, moves))


def test_of_twenty_decisions_one_wins_and_the_others_are_told(cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()

    def agree() -> None:
        with inside(cast.shicheng):
            decide(walk.case_id, step.pk, actor=walk.secretary, outcome="agreed")

    assert _race([agree] * RACERS) == {"done": 1, "STEP_CLOSED": RACERS - 1}
    with inside(cast.shicheng):
        assert Decision.objects.filter(task_id=step.pk).count() == 1
        assert Event.objects.of(cast.shicheng.pk).filter(step_id=step.pk).count() == 1
        assert verify(cast.shicheng.pk).intact
    assert walk.waiting_at() == ["community_notice"]


def test_with_the_wrong_case_in_the_path_nobody_wins(cast: Cast) -> None:
    walk = Walk(cast).check(discipline="yes")
    other = Walk(cast, make_member(cast.shicheng, "李四")).check()
    step = other.open_step()

    def agree() -> None:
        with inside(cast.shicheng):
            decide(walk.case_id, step.pk, actor=walk.secretary, outcome="agreed")

    assert _race([agree] * RACERS) == {"NOT_FOUND": RACERS}
    assert other.waiting_at() == ["community_review"]


def test_of_agree_disagree_send_back_and_withdraw_exactly_one_happens(cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()

    def agree() -> None:
        with inside(cast.shicheng):
            decide(walk.case_id, step.pk, actor=walk.secretary, outcome="agreed")

    def disagree() -> None:
        with inside(cast.shicheng):
            decide(walk.case_id, step.pk, actor=walk.secretary, outcome="disagreed", comment="否")

    def back() -> None:
        with inside(cast.shicheng):
            send_back(walk.case_id, step.pk, actor=walk.secretary, comment="补正")

    def give_up() -> None:
        with inside(cast.shicheng):
            withdraw(walk.case_id, actor=walk.clerk)

    ended = _race([agree, disagree, back, give_up])
    with inside(cast.shicheng):
        decisions = list(Decision.objects.filter(task_id=step.pk).values_list("outcome", flat=True))
    # A withdrawal may follow an agreement or a return: the case is then still before its meeting.
    assert ended["done"] in (1, 2)
    assert len(decisions) == 1
    assert ended["done"] == 1 or walk.case().outcome == "withdrawn"


def test_cases_started_at_once_get_numbers_without_gaps_and_keep_to_the_share(cast: Cast) -> None:
    with inside(cast.shicheng):
        members = [_member(n) for n in range(8)]
        for n in range(8, 60):
            _member(n)  # 60 full members: three may be nominated
    clerk = cast.actor("li_min")

    def nominate(member_id: int) -> Callable[[], object]:
        def move() -> None:
            with inside(cast.shicheng):
                start(FLOW, actor=clerk, data={**nomination(make_stub(member_id))})

        return move

    assert _race([nominate(m) for m in members]) == {"done": 3, "INVALID_INPUT": 5}
    with inside(cast.shicheng):
        numbers = sorted(Process.objects.values_list("number", flat=True))
        assert [number[-4:] for number in numbers] == ["0001", "0002", "0003"]
        assert Task.objects.filter(finished=None).count() == 3


def make_stub(member_id: int):
    from registry.models import Member

    return Member(pk=member_id)


def _member(number: int) -> int:
    from tests.workflows.test_outstanding_member import make_one

    return int(make_one(number).pk)
