"""Signing in with a password, and the lock after failures."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tenants.administration.suspend import suspend
from tests.cast import PASSWORD, Cast
from tests.signin.people import attempt, is_signed_in, signed_in
from tests.site import Browserless
from tests.web.browsing import text_of

REAL_TIME = time.time
WRONG = "用户名或密码错误"
LOCKED = "失败次数过多，请 15 分钟后再试"


def fail(username: str, times: int, **meta: str) -> list[str]:
    client = Client(**meta)  # type: ignore[arg-type]
    return [text_of(attempt(client, username, "wrong")) for _ in range(times)]


def test_the_right_password_opens_and_a_wrong_one_does_not(cast: Cast) -> None:
    assert is_signed_in(signed_in("limin"))
    client = Client()
    assert WRONG in text_of(attempt(client, "limin", "wrong"))
    assert not is_signed_in(client)


def test_an_account_that_exists_answers_as_one_that_does_not(cast: Cast) -> None:
    known, unknown = fail("limin", 7), fail("nobody", 7)
    assert [WRONG in page for page in known] == [True] * 5 + [False] * 2
    assert [WRONG in page for page in unknown] == [True] * 5 + [False] * 2
    assert [LOCKED in page for page in unknown] == [LOCKED in page for page in known]


def test_a_suspended_account_answers_as_a_wrong_password_does(cast: Cast) -> None:
    suspend(cast.li_min, reason="调查", actor=None)
    client = Client()
    pages = [text_of(attempt(client, "limin", PASSWORD)) for _ in range(6)]
    assert WRONG in pages[0]
    assert LOCKED in pages[5]
    assert not is_signed_in(client)


def test_four_failures_do_not_lock_and_five_do(cast: Cast) -> None:
    fail("limin", 4)
    assert is_signed_in(signed_in("limin"))
    fail("wangfang", 5)
    client = Client()
    assert LOCKED in text_of(attempt(client, "wangfang", PASSWORD))
    assert not is_signed_in(client)


def test_the_lock_is_of_one_account_and_one_address(cast: Cast) -> None:
    fail("limin", 5)
    assert is_signed_in(signed_in("wangfang"))
    assert is_signed_in(signed_in("limin", REMOTE_ADDR="10.0.0.7"))


def test_writing_the_name_differently_does_not_open_the_lock(cast: Cast) -> None:
    fail("limin", 5)
    assert LOCKED in fail(" LiMin ", 1)[0]


def test_the_lock_lasts_fifteen_minutes_from_the_last_failure(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail("limin", 4)
    _later(monkeypatch, minutes=14)
    fail("limin", 1)
    _later(monkeypatch, minutes=28)
    assert LOCKED in text_of(attempt(Client(), "limin", PASSWORD))
    _later(monkeypatch, minutes=30)
    assert is_signed_in(signed_in("limin"))


def _later(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    """Let allauth and the cache think that it is so many minutes later than it is."""
    monkeypatch.setattr("time.time", lambda: REAL_TIME() + minutes * 60)
    monkeypatch.setattr(
        "django.core.cache.backends.db.tz_now", lambda: timezone.now() + timedelta(minutes=minutes)
    )


def test_attempts_at_the_same_time_do_not_get_around_the_lock(cast: Cast) -> None:
    def one(_number: int) -> str:
        try:
            return text_of(attempt(Client(), "limin", "wrong"))
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        pages = list(pool.map(one, range(24)))
    tried = sum(WRONG in page for page in pages)
    assert 1 <= tried <= 5
    assert sum(LOCKED in page for page in pages) == 24 - tried


@pytest.mark.xdist_group("site")
def test_every_process_of_the_site_knows_of_the_lock(cast: Cast, site: str) -> None:
    fail("limin", 5)
    answers = Browserless(site)
    answers.get("/login/")
    assert LOCKED in answers.post("/login/", username="limin", password=PASSWORD).text
    assert Browserless(site).sign_in("wangfang", PASSWORD).get("/shicheng/inbox/todo").status == 200


def test_a_signed_in_person_is_led_on_from_the_login_and_never_to_another_site(cast: Cast) -> None:
    client = signed_in("limin")
    assert client.get("/login/").headers["Location"] == "/"
    assert client.get("/login/?next=//elsewhere.example/").headers["Location"] == "/"
    assert client.get("/login/?next=/shicheng/members/").headers["Location"] == "/shicheng/members/"


def test_too_many_sign_ins_from_one_address_are_slowed_down(cast: Cast, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip", "login_failed": "5/15m/key"}
    client = Client()
    answers = [attempt(client, f"nobody{number}", "wrong") for number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "尝试次数过多" in text_of(answers[2])
    assert attempt(Client(REMOTE_ADDR="10.0.0.7"), "limin", PASSWORD).status_code == 302


def test_nobody_signs_up_and_nobody_resets_a_password_alone(cast: Cast) -> None:
    for page in ("signup", "password/reset", "email", "inactive"):
        for prefix in ("/", "/accounts/"):
            assert Client().get(f"{prefix}{page}/").status_code == 404
    assert Client().get("/accounts/password/").status_code == 302
