"""Acting in a case's steps."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import ELIGIBLE, Cast, meeting
from tests.web.browsing import browser_of, text_of
from tests.workflows.steps import Walk


def _at(walk: Walk, verb: str) -> str:
    return f"/shicheng/cases/{walk.case_id}/steps/{walk.open_step().pk}/{verb}"


def test_a_form_is_submitted_and_the_case_moves_on(cast: Cast) -> None:
    walk = Walk(cast)
    answer = browser_of(cast.li_min).post(_at(walk, "decide"), ELIGIBLE, follow=True)
    assert walk.waiting_at() == ["community_review"]
    assert answer.redirect_chain == [("/shicheng/inbox/todo", 303)]
    assert "下一环节：社区审核" in text_of(answer)


def test_who_may_go_on_acting_stays_with_the_case(cast: Cast) -> None:
    walk = Walk(cast)
    answer = browser_of(cast.li_min).post(_at(walk, "claim"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/shicheng/cases/{walk.case_id}")
    assert walk.open_step().owner_id == cast.li_min.pk
    browser_of(cast.li_min).post(_at(walk, "release"))
    assert walk.open_step().owner_id is None


def test_the_officer_goes_back_to_the_streets_inbox(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    answer = browser_of(cast.zhao_qiang).post(_at(walk, "decide"), meeting())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/shishan/inbox/todo")
    assert walk.waiting_at() == ["street_notice"]


def test_wrong_input_is_shown_again_with_a_summary_and_every_value_kept(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    answer = browser_of(cast.zhao_qiang).post(
        _at(walk, "decide"), meeting(present=9, minutes_number="", document_number="狮街工委〔2026〕77号")
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert "<title>有误：" in page
    assert '<a href="#id_minutes_number">请填写“会议纪要编号”。</a>' in page
    assert 'aria-describedby="id_minutes_number_error"' in page
    assert 'value="狮街工委〔2026〕77号"' in page
    assert walk.waiting_at() == ["street_meeting"]


def test_a_rule_that_is_broken_is_named_at_its_field(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    answer = browser_of(cast.zhao_qiang).post(_at(walk, "decide"), meeting(present=9))
    assert '<a href="#id_present">实到人数：赞成、反对、弃权之和与到会人数不符。</a>' in text_of(answer)
    assert walk.waiting_at() == ["street_meeting"]


@pytest.mark.parametrize(
    ("verb", "data", "words"),
    [
        ("decide", {"outcome": "disagreed", "comment": " "}, "请说明不同意的理由。"),
        ("send-back", {"comment": ""}, "请一次性列明需要补正的内容。"),
    ],
)
def test_an_opinion_that_is_missing_is_asked_for(
    cast: Cast, verb: str, data: dict[str, Any], words: str
) -> None:
    walk = Walk(cast).check()
    answer = browser_of(cast.wang_fang).post(_at(walk, verb), data)
    assert answer.status_code == 422
    assert f'<a href="#id_comment">{words}</a>' in text_of(answer)
    assert walk.waiting_at() == ["community_review"]


def test_disagreeing_with_a_reason_ends_the_case(cast: Cast) -> None:
    walk = Walk(cast).check()
    data = {"outcome": "disagreed", "comment": "事迹不实。"}
    assert browser_of(cast.wang_fang).post(_at(walk, "decide"), data).status_code == 303
    assert walk.case().outcome == "rejected"


def test_sending_back_keeps_what_stood_in_the_form_and_leads_to_the_applicant(cast: Cast) -> None:
    walk = Walk(cast)
    client, entered = browser_of(cast.li_min), {"remarks": "待核实", "last_appraisal": "qualified"}
    again = text_of(client.post(_at(walk, "send-back"), entered))
    assert "待核实</textarea>" in again
    assert '<option value="qualified" selected>' in again
    assert "请填写“党费交至”" not in again
    client.post(_at(walk, "send-back"), {**entered, "comment": "请补充材料。"})
    assert walk.waiting_at() == ["revise"]


def test_withdrawing_ends_the_case_for_its_applicant_only(cast: Cast) -> None:
    walk = Walk(cast)
    address = f"/shicheng/cases/{walk.case_id}/withdraw"
    refused = browser_of(cast.wang_fang).post(address)
    assert refused.status_code == 403
    assert "只有发起人可以撤回。" in text_of(refused)
    assert walk.case().is_open
    assert browser_of(cast.li_min).post(address).status_code == 303
    assert walk.case().outcome == "withdrawn"


def test_a_step_that_somebody_else_has_handled_says_so_and_nothing_changes(cast: Cast) -> None:
    walk = Walk(cast)
    address = _at(walk, "decide")
    walk.check()
    answer = browser_of(cast.li_min).post(address, ELIGIBLE)
    assert answer.status_code == 409
    assert "该环节已由李敏办理，本次没有任何改动。" in text_of(answer)
    assert f'href="/shicheng/cases/{walk.case_id}"' in text_of(answer)
    assert walk.waiting_at() == ["community_review"]


def test_a_claimed_step_is_left_to_who_claimed_it(cast: Cast) -> None:
    walk = Walk(cast).check()
    browser_of(cast.wang_fang).post(_at(walk, "claim"))
    answer = browser_of(cast.li_min).post(_at(walk, "release"))
    assert (answer.status_code, walk.open_step().owner_id) == (403, cast.wang_fang.pk)


def test_without_the_post_the_answer_is_a_reason_and_nothing_changes(cast: Cast) -> None:
    walk = Walk(cast).check()
    answer = browser_of(cast.li_min).post(_at(walk, "decide"), {"outcome": "agreed"})
    assert answer.status_code == 403
    assert "社区党组织书记" in text_of(answer)
    assert walk.waiting_at() == ["community_review"]


def test_a_step_of_another_case_is_not_found_and_nothing_changes(cast: Cast) -> None:
    walk = Walk(cast)
    step = walk.open_step().pk
    client = browser_of(cast.li_min)
    for address in (
        f"/shicheng/cases/{walk.case_id + 1}/steps/{step}/decide",
        f"/shicheng/cases/{walk.case_id}/steps/{step + 999}/decide",
        f"/yuntai-first/cases/{walk.case_id}/steps/{step}/decide",
    ):
        assert client.post(address, ELIGIBLE).status_code == 404
    assert walk.waiting_at() == ["eligibility"]


def test_strangers_change_nothing(cast: Cast) -> None:
    walk = Walk(cast)
    for stranger, slug in (
        (cast.chen_jing, "shicheng"),
        (cast.chen_jing, "dongshanbei"),
        (cast.sun_li, "yuntai"),
    ):
        address = f"/{slug}/cases/{walk.case_id}/steps/{walk.open_step().pk}/decide"
        assert browser_of(stranger).post(address, ELIGIBLE).status_code == 404
    assert walk.waiting_at() == ["eligibility"]


def test_who_opens_the_address_of_an_act_is_shown_the_case(cast: Cast) -> None:
    walk = Walk(cast)
    answer = browser_of(cast.li_min).get(_at(walk, "decide"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/shicheng/cases/{walk.case_id}")
    assert walk.waiting_at() == ["eligibility"]
