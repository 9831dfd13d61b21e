"""Starting a case."""

from __future__ import annotations

from tests.cast import Cast, inside, make_member, nomination
from tests.web.browsing import browser_of, text_of
from workflows.models import Process

ADDRESS = "/shicheng/start/outstanding-member"


def _cases(cast: Cast) -> int:
    with inside(cast.shicheng):
        return int(Process.objects.count())


def test_the_list_leads_to_the_form_only_who_may_start(cast: Cast) -> None:
    assert f'href="{ADDRESS}"' in text_of(browser_of(cast.li_min).get("/shicheng/start/"))
    page = text_of(browser_of(cast.zhao_qiang).get("/shicheng/start/"))
    assert ADDRESS not in page
    assert "您在本单位的岗位不能发起此类事项。" in page


def test_the_communitys_own_full_members_are_offered_for_choice(cast: Cast) -> None:
    make_member(cast.shicheng, "张三")
    make_member(cast.shicheng, "预备者", standing="probationary")
    make_member(cast.shicheng, "外来者", home_organisation="市一中党支部")
    make_member(cast.dongshanbei, "邻居")
    page = text_of(browser_of(cast.li_min).get(ADDRESS))
    choices = page[page.index('<select name="member"') : page.index("</select>")]
    assert "张三 · 第一党支部" in choices
    for absent in ("预备者", "外来者", "邻居"):
        assert absent not in choices


def test_a_case_is_started_and_shown(cast: Cast) -> None:
    member = make_member(cast.shicheng)
    answer = browser_of(cast.li_min).post(ADDRESS, nomination(member), follow=True)
    with inside(cast.shicheng):
        case = Process.objects.get()
    assert answer.redirect_chain == [(f"/shicheng/cases/{case.pk}", 303)]
    assert case.number in text_of(answer)


def test_what_is_wrong_is_named_and_nothing_is_started(cast: Cast) -> None:
    member = make_member(cast.shicheng)
    answer = browser_of(cast.li_min).post(ADDRESS, nomination(member, votes_for=5, deeds=""))
    page = text_of(answer)
    assert answer.status_code == 422
    assert '<a href="#id_deeds">请填写“主要事迹”。</a>' in page
    assert f'<option value="{member.pk}" selected>' in page
    answer = browser_of(cast.li_min).post(ADDRESS, nomination(member, votes_for=5))
    assert "赞成人数须超过应到 20 人的半数，至少 11 票。" in text_of(answer)
    assert _cases(cast) == 0


def test_a_member_of_the_neighbours_cannot_be_smuggled_in(cast: Cast) -> None:
    answer = browser_of(cast.li_min).post(ADDRESS, nomination(make_member(cast.dongshanbei)))
    assert answer.status_code == 422
    assert "本社区没有该党员。" in text_of(answer)
    assert _cases(cast) == 0


def test_without_a_post_there_it_cannot_be_started(cast: Cast) -> None:
    member = make_member(cast.shicheng)
    assert browser_of(cast.zhao_qiang).get(ADDRESS).status_code == 403
    assert browser_of(cast.zhao_qiang).post(ADDRESS, nomination(member)).status_code == 403
    assert browser_of(cast.chen_jing).post(ADDRESS, nomination(member)).status_code == 404
    assert _cases(cast) == 0


def test_a_kind_of_case_that_does_not_exist_is_not_found(cast: Cast) -> None:
    assert browser_of(cast.li_min).get("/shicheng/start/nonsense").status_code == 404
