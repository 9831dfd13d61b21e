"""Reading a case."""

from __future__ import annotations

from audit.models import Event
from tests.cast import Cast, inside
from tests.web.browsing import browser_of, text_of
from tests.workflows.steps import Walk


def test_what_was_entered_is_shown_with_the_labels_of_its_forms(cast: Cast) -> None:
    walk = Walk(cast).check(remarks="党费按时缴纳")
    page = text_of(browser_of(cast.wang_fang).get(f"/shicheng/cases/{walk.case_id}"))
    for words in (
        "应到人数",
        "张三 · 第一党支部",
        "担任楼长多年",
        "党费交至",
        "2026年6月1日",
        "优秀",
        "党费按时缴纳",
    ):
        assert words in page


def test_the_timeline_names_who_decided_what_and_why(cast: Cast) -> None:
    walk = Walk(cast).check().review(comment="事迹属实，同意推荐。")
    page = text_of(browser_of(cast.li_min).get(f"/shicheng/cases/{walk.case_id}"))
    timeline = page[page.index('<ol class="timeline">') : page.index("</ol>", page.index('class="timeline"'))]
    for words in ("李敏", "社区经办人", "王芳", "社区党组织书记", "事迹属实，同意推荐。", "社区公示", "至"):
        assert words in timeline


def test_who_may_act_gets_a_form_and_buttons_that_name_the_act(cast: Cast) -> None:
    walk = Walk(cast).check()
    page = text_of(browser_of(cast.wang_fang).get(f"/shicheng/cases/{walk.case_id}"))
    for button in ("同意</button>", "不同意</button>", "退回</button>", "认领</button>"):
        assert button in page
    assert f'action="/shicheng/cases/{walk.case_id}/steps/{walk.open_step().pk}/decide"' in page


def test_who_may_not_act_is_told_why_and_gets_no_form(cast: Cast) -> None:
    walk = Walk(cast).check()
    page = text_of(browser_of(cast.li_min).get(f"/shicheng/cases/{walk.case_id}"))
    assert "该环节由“社区党组织书记”办理，您没有此岗位。" in page
    assert "/decide" not in page


def test_the_applicant_may_withdraw_and_others_are_not_offered_it(cast: Cast) -> None:
    walk = Walk(cast).check()
    address = f"/shicheng/cases/{walk.case_id}"
    assert f'action="{address}/withdraw"' in text_of(browser_of(cast.li_min).get(address))
    assert "withdraw" not in text_of(browser_of(cast.wang_fang).get(address))


def test_the_chart_says_in_class_and_words_where_the_case_is(cast: Cast) -> None:
    walk = Walk(cast).check()
    page = text_of(browser_of(cast.wang_fang).get(f"/shicheng/cases/{walk.case_id}"))
    assert '<g class="node node-task is-done"><title>资格审核: 已完成</title>' in page
    assert '<g class="node node-task is-open"><title>社区审核: 办理中</title>' in page
    assert '<li class="is-open" aria-current="step">社区审核 <span>办理中</span></li>' in page
    assert "style=" not in page


def test_the_street_reads_the_case_and_leaves_a_trace(cast: Cast) -> None:
    walk = Walk(cast).to_meeting()
    officer = browser_of(cast.zhao_qiang)
    answer = officer.get(f"/shicheng/cases/{walk.case_id}")
    assert answer.status_code == 200
    assert "狮山街道" in text_of(answer)
    with inside(cast.shicheng):
        trace = Event.objects.of(cast.shicheng.pk).order_by("seq").last()
    assert (trace.verb, trace.actor_id, trace.request_id) == (
        "case.read",
        cast.zhao_qiang.pk,
        answer.headers["X-Request-ID"],
    )


def test_neighbours_and_other_streets_do_not_find_it(cast: Cast) -> None:
    walk = Walk(cast)
    for stranger in (cast.chen_jing, cast.sun_li):
        assert browser_of(stranger).get(f"/shicheng/cases/{walk.case_id}").status_code == 404
    assert browser_of(cast.chen_jing).get(f"/dongshanbei/cases/{walk.case_id}").status_code == 404
    assert browser_of(cast.wang_fang).get(f"/shicheng/cases/{walk.case_id}").status_code == 200
