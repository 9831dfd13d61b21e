"""The security log of signing in."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from tests.cast import PASSWORD, Cast
from tests.signin.people import (
    MINUTE,
    NEW_PASSWORD,
    activate,
    attempt,
    events,
    happened,
    let_pass,
    signed_in,
)
from tests.web.browsing import browser_of

SECRETS = (PASSWORD, NEW_PASSWORD, "wrong-secret")


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="lianxi.signin")


def test_a_line_says_what_who_from_where_and_in_which_request(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(REMOTE_ADDR="10.1.2.3")
    answer = attempt(client, "limin", PASSWORD)
    assert events(caplog) == [
        {
            "event": "signed_in",
            "user": cast.li_min.pk,
            "username": "limin",
            "address": "10.1.2.3",
            "request": answer.headers["X-Request-ID"],
            "by": ["password"],
        }
    ]


def test_failures_and_the_lock_are_written_down(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(6):
        attempt(Client(), "limin", "wrong-secret")
    assert happened(caplog) == [*["failed"] * 5, "locked", "refused_while_locked"]
    assert {entry["username"] for entry in events(caplog)} == {"limin"}
    written = [record for record in caplog.records if record.name == "lianxi.signin"]
    assert {record.levelno for record in written} == {logging.WARNING}


def test_a_password_typed_as_a_user_name_is_not_written_down(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    attempt(Client(), "wrong-secret", "x")
    assert events(caplog)[0]["username"] is None
    assert "wrong-secret" not in caplog.text


def test_a_name_with_line_breaks_makes_no_second_line(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    attempt(Client(), "limin\n2026-01-01 INFO forged", "x")
    assert all("\n" not in record.getMessage() for record in caplog.records if record.name == "lianxi.signin")


def test_changes_of_password_and_second_factor_are_written_down_without_secrets(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in("limin")
    secret, codes = activate(client)
    client.post("/accounts/recovery-codes/new/")
    client.post(
        "/accounts/password/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    client.post("/accounts/second-factor/deactivate/")
    client.post("/logout/")
    assert happened(caplog) == [
        "signed_in",
        "second_factor_added",
        "second_factor_added",
        "second_factor_reset",
        "password_changed",
        "second_factor_removed",
        "second_factor_removed",
        "signed_out",
    ]
    lines = json.dumps(events(caplog))
    assert not any(each in lines for each in (*SECRETS, secret, *codes))


def test_the_end_of_a_session_is_written_down_with_its_reason(
    cast: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    client = browser_of(cast.li_min)
    client.get("/shicheng/inbox/todo")
    let_pass(client, since_seen=16 * MINUTE)
    client.get("/shicheng/inbox/todo")
    assert [(entry["event"], entry.get("reason")) for entry in events(caplog)] == [("session_ended", "idle")]
