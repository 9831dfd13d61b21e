"""People who sign in without a browser: their clients, their telephones' codes, and what the log says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
import time
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.cast import PASSWORD
from tests.web.browsing import text_of
from web.signin.marks import SEEN_AT, SIGNED_IN_AT

MINUTE = 60
HOUR = 60 * MINUTE
NEW_PASSWORD = "Another-horse-10"


def attempt(client: Client, username: str, password: str, **fields: str) -> HttpResponse:
    """Send the form of signing in."""
    answer: HttpResponse = client.post("/login/", {"username": username, "password": password, **fields})  # type: ignore[assignment]
    return answer


def signed_in(username: str, password: str = PASSWORD, **meta: str) -> Client:
    """Return a client in which the person has signed in with their password."""
    client = Client(**meta)  # type: ignore[arg-type]
    answer = attempt(client, username, password)
    assert answer.status_code == 302, text_of(answer)
    return client


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def let_pass(client: Client, *, since_seen: float = 0, since_signed_in: float = 0) -> None:
    """Turn the clock of a client's session on."""
    session = client.session
    session[SEEN_AT] -= since_seen
    session[SIGNED_IN_AT] -= since_signed_in
    session.save()


def code(secret: str, periods: int = 0) -> str:
    """Return the code that a telephone shows now, or some periods of thirty seconds later."""
    counter = struct.pack(">Q", int(time.time()) // 30 + periods)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def activate(client: Client) -> tuple[str, list[str]]:
    """Activate the second factor of who has just signed in; return its secret and the recovery codes."""
    page = text_of(client.get("/accounts/second-factor/activate/"))
    found = re.search(r'<code id="secret">([A-Z2-7 ]+)</code>', page)
    assert found, page
    secret = found[1].replace(" ", "")
    answer = client.post("/accounts/second-factor/activate/", {"code": code(secret)})
    assert answer.headers["Location"] == "/accounts/recovery-codes/", text_of(answer)
    shown = text_of(client.get("/accounts/recovery-codes/"))
    return secret, re.findall(r"<li><code>(\d{8})</code></li>", shown)


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the lines of the security log so far, oldest first."""
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == "lianxi.signin"]


def happened(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [entry["event"] for entry in events(caplog)]
