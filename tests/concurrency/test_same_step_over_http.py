"""Twenty real requests at one step: one wins, the others are told so in words."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.cast import PASSWORD, Cast, inside, make_member
from tests.site import Answer, Browserless
from tests.workflows.steps import Walk
from workflows.models import Decision

pytestmark = pytest.mark.xdist_group("site")

REQUESTS = 20


def _race(person: Browserless, path: str) -> list[Answer]:
    barrier = Barrier(REQUESTS)

    def send(_: int) -> Answer:
        barrier.wait()
        return person.post(path, outcome="agreed")

    with ThreadPoolExecutor(REQUESTS) as pool:
        return list(pool.map(send, range(REQUESTS)))


def test_one_of_twenty_requests_wins_and_nineteen_get_409(site: str, cast: Cast) -> None:
    walk = Walk(cast).check()
    step = walk.open_step()
    secretary = Browserless(site).sign_in("wangfang", PASSWORD)
    answers = _race(secretary, f"/shicheng/cases/{walk.case_id}/steps/{step.pk}/decide")
    assert Counter(answer.status for answer in answers) == {303: 1, 409: REQUESTS - 1}
    refusals = {"王芳" in answer.text for answer in answers if answer.status == 409}
    assert refusals == {True}
    with inside(cast.shicheng):
        assert Decision.objects.filter(task_id=step.pk).count() == 1
    assert walk.waiting_at() == ["community_notice"]


def test_with_a_wrong_case_in_the_path_every_request_gets_404(site: str, cast: Cast) -> None:
    walk = Walk(cast).check(discipline="yes")
    other = Walk(cast, make_member(cast.shicheng, "李四")).check()
    step = other.open_step()
    secretary = Browserless(site).sign_in("wangfang", PASSWORD)
    for case_id in (walk.case_id, 999_999):
        answers = _race(secretary, f"/shicheng/cases/{case_id}/steps/{step.pk}/decide")
        assert Counter(answer.status for answer in answers) == {404: REQUESTS}
    with inside(cast.shicheng):
        assert not Decision.objects.filter(task_id=step.pk).exists()
    assert other.waiting_at() == ["community_review"]
