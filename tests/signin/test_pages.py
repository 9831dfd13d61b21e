"""What holds for every page of signing in: nothing inline, one heading, one language, kept by nobody."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from config.settings.signin import oidc_provider
from tenants.owner import as_owner
from tests.cast import PASSWORD, Cast, User
from tests.signin.people import activate, attempt, signed_in
from tests.web.browsing import browser_of, text_of, words_of
from tests.web.catalogue import entries

PROVIDER = {
    "LIANXI_OIDC_ISSUER": "https://id.example",
    "LIANXI_OIDC_CLIENT_ID": "lianxi",
    "LIANXI_OIDC_CLIENT_SECRET": "secret",
}
# allauth's and Django's own words, which our catalogue holds too.
SHARED = {"English", "简体中文", "联席"}


@pytest.fixture(params=["zh-hans", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pages(cast: Cast, settings: Any, language: str) -> list[HttpResponse]:
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider(PROVIDER)
    settings.REQUIRE_SECOND_FACTOR = settings.REQUIRE_OWN_PASSWORD = True
    settings.ACCOUNT_RATE_LIMITS = {"login": "5/m/ip", "login_failed": "2/15m/key"}
    accept = {"HTTP_ACCEPT_LANGUAGE": language}
    stranger = Client(**accept)
    found = [stranger.get("/login/"), stranger.get("/accounts/provider/")]
    found += [stranger.get("/accounts/provider/back/?error=x")]
    found += [_no_post(accept)]
    officer = signed_in("zhaoqiang", **accept)
    found += [officer.get("/accounts/password/"), officer.post("/accounts/password/", {"oldpassword": "x"})]
    weak = {"oldpassword": PASSWORD, "password1": "password", "password2": "x"}
    found += [officer.post("/accounts/password/", weak)]
    found += [officer.get("/accounts/second-factor/activate/")]
    found += [officer.post("/accounts/second-factor/activate/", {"code": "1"})]
    activate(officer)
    officer.post(
        "/accounts/password/",
        {"oldpassword": PASSWORD, "password1": "Another-horse-10", "password2": "Another-horse-10"},
    )
    for page in ("second-factor/", "second-factor/deactivate/", "recovery-codes/", "recovery-codes/new/"):
        found.append(officer.get(f"/accounts/{page}"))
    for page in ("confirm/", "second-factor/confirm/"):
        found.append(officer.get(f"/accounts/{page}"))
    attempt(stranger, "zhaoqiang", "Another-horse-10")
    found += [stranger.get("/accounts/second-factor/code/"), stranger.post("/accounts/second-factor/code/")]
    found += [attempt(Client(**accept), "limin", "wrong") for _ in range(4)]
    assert [page.status_code for page in found[-4:]] == [200, 200, 200, 429]
    return found


def _no_post(accept: dict[str, str]) -> HttpResponse:
    with as_owner():
        newcomer = User.objects.create_user("newcomer", "新人", "irrelevant-here")
    client = browser_of(newcomer)
    answer: HttpResponse = client.get("/places/", **accept)  # type: ignore[assignment, arg-type]
    return answer


def test_every_page_is_guarded_and_kept_nowhere(pages: list[HttpResponse]) -> None:
    for page in pages:
        path = page.request["PATH_INFO"]
        assert page.status_code in (200, 403, 429), path
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        if page.status_code == 200:
            assert "no-store" in page.headers["Cache-Control"], path


def test_nothing_is_inline(pages: list[HttpResponse]) -> None:
    for page in pages:
        text = text_of(page)
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
        assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_every_page_has_one_heading_a_title_and_a_language(pages: list[HttpResponse], language: str) -> None:
    for page in pages:
        text = text_of(page)
        assert text.count("<h1") == 1, page.request["PATH_INFO"]
        assert re.search(r"<title>\s*\S", text)
        assert f'<html lang="{language}">' in text


def test_every_page_speaks_one_language(pages: list[HttpResponse], language: str) -> None:
    ours = {entry.msgid if language == "zh-hans" else entry.msgstr for entry in entries()} - SHARED
    for page in pages:
        found = [words for words in words_of(page) if words in ours]
        assert not found, (page.request["PATH_INFO"], found)
        if language == "zh-hans":
            assert not re.findall(r"[A-Za-z]{4,} [a-z]{2,} [a-z]{2,}", " ".join(words_of(page)))


def test_every_box_has_a_label_and_says_what_browsers_may_fill_in(pages: list[HttpResponse]) -> None:
    for page in pages:
        for box in re.findall(r'<input type="(?:text|password)"[^>]*>', text_of(page)):
            name = re.search(r'\sid="([^"]+)"', box)
            assert name, box
            assert f'for="{name[1]}"' in text_of(page)
            assert "autocomplete=" in box, box
