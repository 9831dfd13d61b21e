"""Signing in with a real browser: the policy for scripts and forms, the picture, the telephone's code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cast import PASSWORD, Cast
from tests.signin.people import code
from tests.signin.provider import running_provider
from tests.site import running_site

pytestmark = pytest.mark.xdist_group("site")


@pytest.fixture(scope="module")
def strict_site(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the site as a deployment has it: with a second factor, and with an OpenID provider."""
    folder = tmp_path_factory.mktemp("strict")
    with running_provider(folder / "provider.log") as provider, pytest.MonkeyPatch.context() as environment:
        environment.setenv("LIANXI_REQUIRE_SECOND_FACTOR", "yes")
        environment.setenv("LIANXI_OIDC_ISSUER", provider)
        environment.setenv("LIANXI_OIDC_CLIENT_ID", "lianxi")
        environment.setenv("LIANXI_OIDC_CLIENT_SECRET", "known-to-both")
        with running_site(folder / "site.log") as address:
            yield address


@pytest.fixture
def page(cast: Cast, browser: Browser, browser_context_args: dict[str, object]) -> Page:
    return browser.new_context(**browser_context_args).new_page()


def _sign_in(page: Page, site: str, username: str) -> None:
    page.goto(f"{site}/login/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_street_officer_activates_the_second_factor_and_signs_in_with_it(
    page: Page, strict_site: str
) -> None:
    _sign_in(page, strict_site, "zhaoqiang")
    expect(page.get_by_role("heading", name="启用两步验证")).to_be_visible()
    assert page.locator("img.qr").evaluate("image => image.complete && image.naturalWidth > 100")
    secret = page.locator("#secret").inner_text().replace(" ", "")
    page.get_by_label("应用显示的验证码").fill(code(secret))
    page.get_by_role("button", name="启用").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("link", name="我已抄好").click()
    expect(page).to_have_url(f"{strict_site}/shishan/inbox/todo")

    page.locator(".me summary").click()
    page.get_by_role("button", name="退出").click()
    _sign_in(page, strict_site, "zhaoqiang")
    page.get_by_label("验证码").fill(code(secret, periods=1))
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(f"{strict_site}/shishan/inbox/todo")


def test_a_clerk_signs_in_by_way_of_the_provider(page: Page, strict_site: str) -> None:
    page.goto(f"{strict_site}/shicheng/members/")
    page.get_by_role("button", name="用单位账号登录").click()
    page.locator("button[value='1001']").click()
    expect(page).to_have_url(f"{strict_site}/shicheng/members/")
