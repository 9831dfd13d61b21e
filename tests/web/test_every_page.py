"""What holds for every page: headers, refusals, both languages, nothing inline."""

from __future__ import annotations

import logging
import re
from unittest.mock import patch

import pytest
from django.http import HttpResponse
from django.test import Client

from tenants.request_id import current_request_id
from tests.cast import Cast, make_member
from tests.web.browsing import browser_of, text_of, words_of
from tests.web.catalogue import entries
from tests.workflows.steps import Walk
from web import inbox
from web.middleware import RequestIdFilter

PAGES = (
    "/places/",
    "/shicheng/inbox/todo",
    "/shicheng/inbox/done",
    "/shicheng/inbox/mine",
    "/shicheng/start/",
    "/shicheng/start/outstanding-member",
    "/shicheng/members/",
    "/shicheng/members/?name=x",
    "/shicheng/members/import",
    "/shicheng/cases/{case}",
    "/shicheng/cases/{waiting}",
    "/shicheng/cases/{case}/print/nomination-form",
    "/shicheng/cases/{case}/print/community-notice",
    "/shicheng/cases/{case}/print/street-notice",
    "/shicheng/cases/{case}/print/certificate",
    "/nonsense/inbox/todo",
)
POLICY = "default-src 'none'"


@pytest.fixture
def pages(cast: Cast) -> list[HttpResponse]:
    """Return every page in Chinese, and then every page in English."""
    make_member(cast.shicheng, "李四", is_mobile=True, home_organisation="市一中党支部")
    for number in range(40):
        make_member(cast.shicheng, f"党员{number}")
    walk = Walk(cast).to_decision().award()
    waiting = Walk(cast, make_member(cast.shicheng, "王五"))
    client, answers = browser_of(cast.li_min), []
    for language in ("zh-hans", "en"):
        client.post("/language/setlang/", {"language": language, "next": "/"})
        answers += [client.get(page.format(case=walk.case_id, waiting=waiting.case_id)) for page in PAGES]
        answers.append(client.post("/shicheng/start/outstanding-member", {}))
        answers.append(client.post(f"/shicheng/cases/{walk.case_id}/withdraw"))
        anonymous = Client(headers={"accept-language": language})
        answers += [anonymous.get("/login/"), anonymous.post("/login/", {"username": "x", "password": "y"})]
    return answers


def test_every_page_is_guarded_and_kept_out_of_search_engines_and_caches(pages: list[HttpResponse]) -> None:
    for page in pages:
        assert POLICY in page.headers["Content-Security-Policy"]
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert '<meta name="robots" content="noindex, nofollow">' in text_of(page)
        assert page.headers["X-Frame-Options"] == "DENY"
        assert "no-store" in page.headers.get("Cache-Control", "no-store")


def test_nothing_on_a_page_is_inline(pages: list[HttpResponse]) -> None:
    for page in pages:
        text = text_of(page)
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", text)
        assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_every_page_has_one_heading_a_title_and_says_its_language(pages: list[HttpResponse]) -> None:
    half = len(pages) // 2
    for number, page in enumerate(pages):
        text = text_of(page)
        assert text.count("<h1") == 1
        assert re.search(r"<title>\s*\S", text)
        assert f'<html lang="{"zh-hans" if number < half else "en"}">' in text


def test_every_page_speaks_one_language(pages: list[HttpResponse]) -> None:
    half = len(pages) // 2
    english = {entry.msgid for entry in entries()} - {"English", "联席"}
    chinese = {entry.msgstr for entry in entries()} - {"简体中文", "联席"}
    for number, page in enumerate(pages):
        foreign = english if number < half else chinese
        found = [words for words in words_of(page) if words in foreign]
        assert not found, (page.request["PATH_INFO"], found)


def test_missing_and_foreign_pages_answer_alike_to_the_byte(cast: Cast) -> None:
    foreign_case = Walk(cast).case_id
    client = browser_of(cast.chen_jing)
    answers = [
        client.get(address)
        for address in (
            "/nonsense/inbox/todo",
            "/shicheng/inbox/todo",
            f"/shicheng/cases/{foreign_case}",
            f"/dongshanbei/cases/{foreign_case}",
            "/dongshanbei/cases/999999",
            "/dongshanbei/nonsense",
            f"/dongshanbei/cases/{foreign_case}/print/nomination-form",
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    names = [{name for name in answer.headers if name != "X-Request-ID"} for answer in answers]
    assert all(name == names[0] for name in names)


def test_a_failure_shows_its_number_and_no_trace(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    client = browser_of(cast.li_min)
    client.raise_request_exception = False
    caplog.handler.addFilter(RequestIdFilter())
    with patch.object(inbox, "_inbox", side_effect=RuntimeError("the secret reason")):
        answer = client.get("/shicheng/inbox/todo")
    number = answer.headers["X-Request-ID"]
    assert answer.status_code == 500
    assert number in text_of(answer)
    assert "secret reason" not in text_of(answer)
    failures = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.request_id for record in failures] == [number]  # type: ignore[attr-defined]


def test_each_request_has_a_number_of_its_own(cast: Cast) -> None:
    client = Client()
    numbers = {
        client.get("/login/", headers={"x-request-id": "chosen"}).headers["X-Request-ID"] for _ in "ab"
    }
    assert len(numbers) == 2
    assert "chosen" not in numbers
    assert current_request_id() == ""


def test_a_form_without_its_token_is_refused_in_words(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.li_min)
    answer = client.post("/shicheng/start/outstanding-member", {})
    assert answer.status_code == 403
    assert "页面已过期" in text_of(answer)
