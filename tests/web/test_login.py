"""Signing in and out."""

from __future__ import annotations

from django.test import Client

from tests.cast import PASSWORD, Cast
from tests.web.browsing import browser_of, text_of


def test_a_person_signs_in_and_is_led_to_the_page_they_wanted(cast: Cast) -> None:
    client = Client()
    refused = client.get("/shicheng/inbox/done")
    assert refused.status_code == 302
    assert refused.headers["Location"] == "/login/?next=/shicheng/inbox/done"
    answer = client.post(
        refused.headers["Location"],
        {"username": "limin", "password": PASSWORD, "next": "/shicheng/inbox/done"},
    )
    assert answer.headers["Location"] == "/shicheng/inbox/done"
    assert client.get("/shicheng/inbox/done").status_code == 200


def test_a_wrong_password_is_refused_in_words_and_signs_nobody_in(cast: Cast) -> None:
    client = Client()
    answer = client.post("/login/", {"username": "limin", "password": "wrong"})
    assert "填写有误" in text_of(answer)
    assert "<title>有误：" in text_of(answer)
    assert "_auth_user_id" not in client.session


def test_the_login_never_leads_to_another_site(cast: Cast) -> None:
    data = {"username": "limin", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert Client().post("/login/", data).headers["Location"] == "/"


def test_what_was_posted_without_a_login_is_not_asked_for_again_by_get(cast: Cast) -> None:
    answer = Client().post("/shicheng/cases/1/steps/1/decide", {"outcome": "agreed"})
    assert answer.headers["Location"] == "/login/?next=/"


def test_signing_out_takes_a_post_and_ends_the_session(cast: Cast) -> None:
    client = browser_of(cast.li_min)
    assert client.get("/logout/").status_code == 405
    assert client.get("/shicheng/inbox/todo").status_code == 200
    client.post("/logout/")
    assert client.get("/shicheng/inbox/todo").status_code == 302
