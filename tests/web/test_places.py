"""Home, and the choice between the tenants in which one holds posts."""

from __future__ import annotations

from tenants.models import Role
from tenants.owner import as_owner
from tests.cast import Cast, User, appoint
from tests.web.browsing import browser_of, text_of


def test_home_leads_to_the_inbox_of_the_first_place(cast: Cast) -> None:
    assert browser_of(cast.li_min).get("/").headers["Location"] == "/shicheng/inbox/todo"
    assert browser_of(cast.zhao_qiang).get("/").headers["Location"] == "/shishan/inbox/todo"


def test_only_places_with_a_post_are_offered(cast: Cast) -> None:
    appoint(cast.dongshanbei, cast.li_min, Role.COMMUNITY_CLERK)
    page = text_of(browser_of(cast.li_min).get("/places/"))
    assert "狮城社区" in page
    assert "东山北社区" in page
    assert "云台" not in page
    assert "狮山街道" not in page


def test_without_a_post_there_is_an_explanation_and_then_the_way_out(cast: Cast) -> None:
    with as_owner():
        newcomer = User.objects.create_user("newcomer", "新人", "irrelevant-here")
    client = browser_of(newcomer)
    assert client.get("/shicheng/inbox/todo").status_code == 404
    assert client.get("/").headers["Location"] == "/places/"
    assert "您目前没有任职" in text_of(client.get("/places/"))
    assert "_auth_user_id" not in client.session
