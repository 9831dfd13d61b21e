"""The inbox of a community's people and of the street's officer."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from tests.cast import Cast, inside, make_member
from tests.web.browsing import Statements, browser_of, text_of
from tests.workflows.steps import Walk
from workflows import queries
from workflows.models import Task


def _cases(cast: Cast, count: int) -> list[Walk]:
    for n in range(30 * count):
        make_member(cast.shicheng, f"党员{n}")
    return [Walk(cast, make_member(cast.shicheng, f"候选{n}")) for n in range(count)]


def test_a_waiting_step_is_listed_with_all_that_is_needed_to_choose_it(cast: Cast) -> None:
    walk = Walk(cast)
    with inside(cast.shicheng):
        Task.objects.filter(finished=None).update(created=timezone.now() - timedelta(days=3))
    page = text_of(browser_of(cast.li_min).get("/shicheng/inbox/todo"))
    for words in ("张三 · 第一党支部", walk.case().number, "资格审核", "李敏", "已等待 3"):
        assert words in page.replace("\xa0", " ")
    assert f'class="row-link" href="/shicheng/cases/{walk.case_id}"' in page


def test_each_tab_lists_its_own_and_counts_all_three(cast: Cast) -> None:
    Walk(cast).check()
    client = browser_of(cast.li_min)
    counts = ['<span class="count">0</span>', '<span class="count">2</span>', '<span class="count">1</span>']
    for tab, rows in (("todo", 0), ("done", 2), ("mine", 1)):
        page = text_of(client.get(f"/shicheng/inbox/{tab}"))
        assert page.count('class="row-link"') == rows
        assert all(count in page for count in counts)
    assert "社区审核" in text_of(client.get("/shicheng/inbox/mine"))


def test_a_step_claimed_by_a_colleague_leaves_my_list(cast: Cast) -> None:
    walk = Walk(cast)
    with inside(cast.shicheng):
        Task.objects.filter(process_id=walk.case_id, finished=None).update(owner=cast.wang_fang)
    assert "row-link" not in text_of(browser_of(cast.li_min).get("/shicheng/inbox/todo"))


def test_the_streets_officer_sees_the_steps_of_all_communities_with_their_names(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    page = text_of(browser_of(cast.zhao_qiang).get("/shishan/inbox/todo"))
    assert f'href="/shicheng/cases/{walk.case_id}"' in page
    assert "狮城社区" in page
    foreign = text_of(browser_of(cast.sun_li).get("/yuntai/inbox/todo"))
    assert "row-link" not in foreign
    assert "狮城" not in foreign


def test_a_neighbour_sees_nothing_of_it(cast: Cast) -> None:
    Walk(cast)
    client = browser_of(cast.chen_jing)
    assert "row-link" not in text_of(client.get("/dongshanbei/inbox/todo"))
    assert client.get("/shicheng/inbox/todo").status_code == 404


def test_long_lists_go_on_after_the_last_row_without_gap_or_repetition(cast: Cast) -> None:
    walks = _cases(cast, 5)
    client = browser_of(cast.li_min)
    for tab in ("todo", "done", "mine"):
        address, seen = f"/shicheng/inbox/{tab}", []
        with patch.object(queries, "PAGE", 2):
            while address:
                response = client.get(address)
                seen += [row.address for row in response.context["rows"]]
                more = response.context["more"]
                address = f"/shicheng/inbox/{tab}?after={more.replace('+', '%2B')}" if more else ""
        expected = [f"/shicheng/cases/{walk.case_id}" for walk in walks]
        assert seen == (expected if tab == "todo" else expected[::-1])


@pytest.mark.parametrize("spoilt", ["x", "_", "2026-01-01_5", "2026-01-01T00:00:00+00:00_x"])
def test_a_spoilt_page_address_is_not_found(cast: Cast, spoilt: str) -> None:
    address = f"/shicheng/inbox/todo?after={spoilt.replace('+', '%2B')}"
    assert browser_of(cast.li_min).get(address).status_code == 404


def test_an_inbox_takes_at_most_six_statements_however_long_it_is(cast: Cast) -> None:
    for walk in _cases(cast, 3):
        walk.to_meeting()
    for person, slug in (
        (cast.li_min, "shicheng"),
        (cast.wang_fang, "shicheng"),
        (cast.zhao_qiang, "shishan"),
    ):
        client = browser_of(person)
        for tab in ("todo", "done", "mine"):
            with Statements() as statements:
                assert client.get(f"/{slug}/inbox/{tab}").status_code == 200
            assert len(statements.counted) <= 6, statements.counted
