"""An award from nomination to certificate: real browser, real server, real worker, real database."""

from __future__ import annotations

import io
import os
import re
import time
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from demo.roster import write_roster
from registry.models import Award, Member
from registry.roster import import_roster
from tenants.models import Role
from tests.cast import PASSWORD, Cast, appoint, inside
from workflows.models import Task

pytestmark = pytest.mark.xdist_group("site")

MOVED_ON_WITHIN = 30  # seconds for the worker to fire the timer


class Person:
    """Somebody at a computer of their own."""

    def __init__(self, browser: Browser, site: str, username: str, context: dict[str, object]) -> None:
        self.page: Page = browser.new_context(**context).new_page()
        self.page.goto(f"{site}/login/")
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.site = site

    def open_waiting_case(self) -> Page:
        self.page.goto(f"{self.site}/")
        self.page.locator("a.row-link").first.click()
        return self.page

    def fill(self, **values: object) -> None:
        for name, value in values.items():
            field = self.page.locator(f"[name={name}]")
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(str(value))
            else:
                field.fill(str(value))

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=re.compile(f"^{name}")).click()


@pytest.fixture
def people(cast: Cast, site: str, browser: Browser, browser_context_args: dict[str, object]):
    """Sign in the secretary who nominates, the clerk, the second secretary and the street's officer."""
    appoint(cast.shicheng, cast.chen_jing, Role.COMMUNITY_SECRETARY)
    return {
        name: Person(browser, site, name, browser_context_args)
        for name in ("wangfang", "limin", "chenjing", "zhaoqiang")
    }


def _import_members(cast: Cast, tmp_path: Path) -> Member:
    path = tmp_path / "members.xlsx"
    write_roster(path, own=120, residing=80, seed=7)
    with inside(cast.shicheng), path.open("rb") as file:
        assert import_roster(file, actor=None).imported == 200
        nominee: Member = Member.objects.filter(standing="full", home_organisation="").order_by("pk")[3]
    return nominee


def test_an_award_from_an_imported_member_to_the_printed_certificate(
    cast: Cast, people: dict[str, Person], site: str, tmp_path: Path
) -> None:
    nominee = _import_members(cast, tmp_path)
    today = timezone.localdate().isoformat()

    _nominate(people["wangfang"], site, nominee, today)
    _check(people["limin"])
    _review(people["chenjing"])

    _pass_notice_and_wait(cast, "street_meeting")
    _meet(people["zhaoqiang"], today)
    _pass_notice_and_wait(cast, "decision")
    _award(people["zhaoqiang"], today)

    with inside(cast.shicheng):
        award = Award.objects.get()
    assert award.member_id == nominee.pk
    _print(people["wangfang"].page, f"{site}/shicheng/cases/{award.case_id}", nominee, award)


def _nominate(secretary: Person, site: str, nominee: Member, today: str) -> None:
    page = secretary.page
    page.goto(f"{site}/shicheng/start/outstanding-member")
    secretary.fill(member=nominee.pk, held_on=today, due=20, present=18, votes_for=25)
    secretary.fill(
        summary="带头参加志愿服务，群众满意。", deeds="担任楼长六年，照看独居老人，调解邻里纠纷三十余起。"
    )
    secretary.press("提交")
    expect(page.locator(".problems")).to_be_focused()
    expect(page.locator(".problems a")).to_have_attribute("href", "#id_votes_for")
    secretary.fill(votes_for=16)
    secretary.press("提交")
    expect(page.locator("h1", has_text=nominee.name)).to_be_visible()


def _check(clerk: Person) -> None:
    page = clerk.open_waiting_case()
    clerk.fill(dues_paid_to=date(2026, 6, 1).isoformat(), last_appraisal="excellent", discipline="no")
    clerk.press("提交")
    expect(page.locator("[role=status], .messages").first).to_be_visible()


def _review(secretary: Person) -> None:
    page = secretary.open_waiting_case()
    secretary.fill(comment="事迹属实，同意推荐。")
    secretary.press("同意")
    expect(page.locator("[role=status], .messages").first).to_be_visible()


def _pass_notice_and_wait(cast: Cast, step: str) -> None:
    call_command("demo", "pass-notice", stdout=io.StringIO())
    deadline = time.monotonic() + MOVED_ON_WITHIN
    while time.monotonic() < deadline:
        with inside(cast.shicheng):
            names = [task.flow_task.name for task in Task.objects.filter(finished=None)]
        if names == [step]:
            return
        time.sleep(0.1)
    raise AssertionError(f"The worker has not moved the case on to {step}: it is at {names}.")


def _meet(officer: Person, today: str) -> None:
    officer.open_waiting_case()
    officer.fill(held_on=today, present=7, votes_for=6, votes_against=0, abstained=1)
    officer.fill(minutes_number="纪要〔2026〕8号", document_number="狮街工委〔2026〕15号")
    officer.press("提交")
    expect(officer.page.locator("[role=status], .messages").first).to_be_visible()


def _award(officer: Person, today: str) -> None:
    officer.open_waiting_case()
    officer.fill(document_number="狮街工委〔2026〕21号", decided_on=today)
    officer.press("提交")
    expect(officer.page.locator("[role=status], .messages").first).to_be_visible()


def _print(page: Page, case: str, nominee: Member, award: Award) -> None:
    page.goto(case)
    expect(page.locator(".stamp")).to_have_class(re.compile("is-approved"))
    keep = os.environ.get("SCREENSHOTS")
    for code in ("certificate", "nomination-form"):
        page.goto(f"{case}/print/{code}")
        expect(page.locator("body")).to_contain_text(nominee.name)
        if keep:
            page.screenshot(path=f"{keep}/{code}.png", full_page=True)
    expect(page.locator("body")).to_contain_text(nominee.id_number_mask)
    page.goto(f"{case}/print/certificate")
    expect(page.locator("body")).to_contain_text(award.certificate_number)
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
