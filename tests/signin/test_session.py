"""When a session ends: by time, with the account, with the last post, with the password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tenants.administration.end_post import end_post
from tenants.administration.suspend import suspend
from tenants.models import Role
from tests.api.caller import operation, program
from tests.cast import Cast, appoint
from tests.signin.people import HOUR, MINUTE, is_signed_in, let_pass, signed_in
from tests.web.browsing import text_of

INBOX = "/shicheng/inbox/todo"


def opened(username: str, page: str = INBOX) -> Client:
    client = signed_in(username)
    assert client.get(page).status_code == 200
    return client


def test_who_works_stays_signed_in(cast: Cast) -> None:
    client = opened("limin")
    for _ in range(4):
        let_pass(client, since_seen=14 * MINUTE)
        assert client.get(INBOX).status_code == 200


def test_who_does_nothing_for_a_quarter_of_an_hour_is_signed_out_and_led_back(cast: Cast) -> None:
    client = opened("limin")
    let_pass(client, since_seen=15 * MINUTE + 1)
    answer = client.get(INBOX)
    assert answer.headers["Location"] == f"/login/?next={INBOX}"
    assert "15 分钟没有操作" in text_of(client.get(answer.headers["Location"]))
    assert not is_signed_in(client)


def test_an_administrator_is_signed_out_after_ten_minutes(cast: Cast) -> None:
    appoint(cast.shishan, cast.zhao_qiang, Role.SECURITY_ADMIN)
    client = opened("zhaoqiang", "/shishan/inbox/todo")
    let_pass(client, since_seen=9 * MINUTE)
    assert client.get("/shishan/inbox/todo").status_code == 200
    let_pass(client, since_seen=10 * MINUTE + 1)
    assert client.get("/shishan/inbox/todo").status_code == 302
    assert not is_signed_in(client)


def test_after_eight_hours_everybody_signs_in_again(cast: Cast) -> None:
    client = opened("limin")
    let_pass(client, since_signed_in=8 * HOUR - MINUTE)
    assert client.get(INBOX).status_code == 200
    let_pass(client, since_signed_in=2 * MINUTE)
    answer = client.get(INBOX)
    assert "已满 8 小时" in text_of(client.get(answer.headers["Location"]))
    assert not is_signed_in(client)


def test_the_times_are_settings(cast: Cast, settings: Any) -> None:
    settings.IDLE_MINUTES = 60
    client = opened("limin")
    let_pass(client, since_seen=59 * MINUTE)
    assert client.get(INBOX).status_code == 200
    let_pass(client, since_seen=61 * MINUTE)
    assert client.get(INBOX).status_code == 302


def test_what_is_sent_too_late_changes_nothing_and_is_not_asked_for_again(cast: Cast) -> None:
    client = opened("limin")
    let_pass(client, since_seen=16 * MINUTE)
    answer = client.post("/shicheng/cases/1/steps/1/decide", {"outcome": "agreed"})
    assert answer.headers["Location"] == "/login/?next=/"


def test_being_here_is_not_written_down_at_every_click(cast: Cast) -> None:
    client = opened("limin")
    stored = Session.objects.get().session_data
    client.get(INBOX)
    assert Session.objects.get().session_data == stored
    let_pass(client, since_seen=31)
    client.get(INBOX)
    assert Session.objects.get().session_data != stored


def test_a_suspended_account_is_out_with_its_next_click(cast: Cast) -> None:
    client, other = opened("limin"), opened("wangfang")
    suspend(cast.li_min, reason="调查", actor=None)
    assert client.get(INBOX).status_code == 302
    assert other.get(INBOX).status_code == 200


def test_with_the_last_post_the_session_ends(cast: Cast) -> None:
    appoint(cast.dongshanbei, cast.li_min, Role.COMMUNITY_CLERK)
    client = opened("limin")
    yesterday = timezone.localdate() - timedelta(days=1)
    end_post(cast.shicheng, user=cast.li_min, role="community_clerk", ends_on=yesterday, actor=None)
    assert client.get(INBOX).status_code == 404
    assert client.get("/dongshanbei/inbox/todo").status_code == 200
    end_post(cast.dongshanbei, user=cast.li_min, role="community_clerk", ends_on=yesterday, actor=None)
    answer = client.get("/dongshanbei/inbox/todo")
    assert answer.status_code == 403
    assert "您目前没有任职" in text_of(answer)
    assert not is_signed_in(client)


def test_a_cookie_outlives_neither_the_browser_nor_the_signing_out(cast: Cast) -> None:
    client = opened("limin")
    cookie = client.cookies["sessionid"]
    assert cookie["max-age"] == ""
    assert cookie["httponly"]
    kept = cookie.value
    client.post("/logout/")
    thief = Client()
    thief.cookies["sessionid"] = kept
    assert thief.get(INBOX).status_code == 302


def test_programs_have_no_session_that_could_end(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = settings.REQUIRE_OWN_PASSWORD = True
    assert program(cast.zhao_qiang, cast.shishan).ask(operation("inbox"), first=5)["tasks"]["nodes"] == []


@pytest.mark.parametrize("page", ["/healthz", "/readyz", "/login/", "/language/setlang/"])
def test_what_is_for_everybody_asks_for_no_session(cast: Cast, page: str) -> None:
    client = opened("limin")
    let_pass(client, since_seen=16 * MINUTE)
    client.get(page)
    assert is_signed_in(client)
