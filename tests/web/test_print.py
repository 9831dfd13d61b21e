"""What is printed of a case."""

from __future__ import annotations

import pytest
from django.http import HttpResponse

from tests.cast import Cast, make_member
from tests.web.browsing import browser_of, text_of
from tests.workflows.steps import Walk

ALL = ("nomination-form", "community-notice", "street-notice", "certificate")


def _print(cast: Cast, walk: Walk, code: str) -> HttpResponse:
    return browser_of(cast.wang_fang).get(f"/shicheng/cases/{walk.case_id}/print/{code}")


def _walk(cast: Cast) -> Walk:
    return Walk(cast, make_member(cast.shicheng, "欧阳修文", phone="13800000000", education="大学本科"))


def test_each_document_can_be_printed_when_its_step_has_ended(cast: Cast) -> None:
    walk = _walk(cast)

    def printable() -> int:
        found = [_print(cast, walk, code).status_code == 200 for code in ALL]
        # What comes later in the flow is never there before what comes earlier.
        assert found == sorted(found, reverse=True)
        return sum(found)

    assert printable() == 1
    walk.check().review()
    assert printable() == 2
    walk.pass_notice().meet()
    assert printable() == 3
    walk.pass_notice().award()
    assert printable() == 4


def test_a_refused_nomination_gives_no_notice(cast: Cast) -> None:
    walk = _walk(cast).check().review("disagreed", "事迹不实。")
    assert _print(cast, walk, "community-notice").status_code == 404
    assert _print(cast, walk, "nomination-form").status_code == 200


def test_a_case_that_was_sent_back_loses_its_notice_until_it_is_reviewed_again(cast: Cast) -> None:
    walk = _walk(cast).to_meeting()
    step = walk.open_step()
    address = f"/shicheng/cases/{walk.case_id}/steps/{step.pk}/send-back"
    browser_of(cast.zhao_qiang).post(address, {"comment": "请补正。"})
    assert walk.waiting_at() == ["revise"]
    assert _print(cast, walk, "community-notice").status_code == 404


def test_the_nomination_form_holds_what_we_know_and_leaves_the_rest_blank(cast: Cast) -> None:
    walk = _walk(cast).check().review(comment="事迹属实。").pass_notice().meet()
    page = text_of(_print(cast, walk, "nomination-form"))
    for words in ("欧阳修文", "汉族", "1970.01", "大学本科", "1995.07", "110***********123X", "担任楼长多年"):
        assert words in page
    assert "应到 20 人，实到 18 人，赞成 16 人" in page
    assert "事迹属实。" in page
    assert "到会 7 人，赞成 6 人" in page
    assert "上级意见" in page


@pytest.mark.parametrize("code", ["community-notice", "street-notice"])
def test_a_public_notice_names_nobody_in_full(cast: Cast, code: str) -> None:
    walk = _walk(cast).to_decision()
    page = text_of(_print(cast, walk, code))
    assert "欧***" in page
    assert "狮城社区" in page
    assert "社区优秀党员" in page
    for secret in ("欧阳", "110***", "1380", "志愿活动", "第一党支部", "1970"):
        assert secret not in page


def test_the_certificate_has_its_numbers_and_a_place_for_the_seal(cast: Cast) -> None:
    walk = _walk(cast).to_decision().award()
    page = text_of(_print(cast, walk, "certificate"))
    for words in ("<strong>欧阳修文</strong> 同志：", walk.case().number, "狮街工委〔2026〕21号", "（盖章）"):
        assert words in page


def test_strangers_and_unknown_documents_are_not_found(cast: Cast) -> None:
    walk = _walk(cast)
    assert _print(cast, walk, "nonsense").status_code == 404
    address = f"/shicheng/cases/{walk.case_id}/print/nomination-form"
    assert browser_of(cast.chen_jing).get(address).status_code == 404
    assert browser_of(cast.wang_fang).get(address).status_code == 200
