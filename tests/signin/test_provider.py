"""Signing in with an OpenID provider: a real one, in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings as django_settings
from django.test import Client

from config.settings.signin import oidc_provider
from tenants.administration.suspend import suspend
from tenants.models import User
from tests.cast import Cast
from tests.signin.people import activate, code, events, is_signed_in, signed_in
from tests.signin.provider import agree, running_provider
from tests.web.browsing import text_of

START = "/accounts/provider/"
REFUSED = "您的单位账号不能登录本系统"


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_provider(tmp_path_factory.mktemp("provider") / "log") as address:
        yield address


def environment(issuer: str, **more: str) -> dict[str, str]:
    return {
        "LIANXI_OIDC_ISSUER": issuer,
        "LIANXI_OIDC_CLIENT_ID": "lianxi",
        "LIANXI_OIDC_CLIENT_SECRET": "known-to-both",
        **more,
    }


@pytest.fixture
def configured(provider: str, settings: Any) -> str:
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider(environment(provider), allow_loopback=True)
    return provider


def come_back(client: Client, subject: str, **fields: str) -> Any:
    """Go to the provider as a person, agree, and return the answer to what it leads back to."""
    asked = client.post(START, fields).headers["Location"]
    return client.get(agree(asked, sub=subject))


def test_the_button_is_there_only_with_a_provider(cast: Cast, settings: Any) -> None:
    assert START not in text_of(Client().get("/login/"))
    assert Client().post(START).status_code == 404
    assert Client().get("/accounts/provider/back/?code=x&state=y").status_code == 404
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider(environment("https://id.example"))
    assert "用单位账号登录" in text_of(Client().get("/login/"))
    named = environment("https://id.example", LIANXI_OIDC_NAME="政务统一认证")
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider(named)
    assert "用政务统一认证登录" in text_of(Client().get("/login/"))


def test_whom_the_provider_knows_by_the_user_name_is_signed_in(cast: Cast, configured: str) -> None:
    client = Client()
    assert come_back(client, "1001", next="/shicheng/members/").headers["Location"] == "/shicheng/members/"
    assert client.get("/shicheng/members/").status_code == 200
    assert client.session["_auth_user_id"] == str(cast.li_min.pk)


def test_the_provider_is_asked_for_a_code_bound_to_this_browser(cast: Cast, configured: str) -> None:
    asked = Client().post(START).headers["Location"]
    query = parse_qs(urlsplit(asked).query)
    assert query["response_type"] == ["code"]
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == ["http://testserver/accounts/provider/back/"]
    stolen = agree(asked, sub="1001")
    thief = Client()
    assert thief.get(stolen).status_code == 403
    assert not is_signed_in(thief)


@pytest.mark.parametrize("subject", ["1002", "1003", "unheard-of"])
def test_whoever_has_no_account_here_gets_none(cast: Cast, configured: str, subject: str) -> None:
    before = User.objects.count()
    client = Client()
    answer = come_back(client, subject)
    assert answer.status_code == 403
    assert REFUSED in text_of(answer)
    assert not is_signed_in(client)
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


def test_a_suspended_account_is_refused_like_one_that_does_not_exist(cast: Cast, configured: str) -> None:
    suspend(cast.li_min, reason="调查", actor=None)
    client = Client()
    assert REFUSED in text_of(come_back(client, "1001"))
    assert not is_signed_in(client)


def test_the_claim_that_names_the_account_is_a_setting(cast: Cast, provider: str, settings: Any) -> None:
    chosen = environment(provider, LIANXI_OIDC_USERNAME_CLAIM="staff_id")
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider(chosen, allow_loopback=True)
    client = Client()
    assert come_back(client, "1001").status_code == 302
    assert client.session["_auth_user_id"] == str(cast.zhao_qiang.pk)


def test_the_provider_does_not_stand_in_for_the_second_factor(
    cast: Cast, configured: str, settings: Any
) -> None:
    settings.REQUIRE_SECOND_FACTOR = True
    secret, _codes = activate(signed_in("zhaoqiang"))
    client = Client()
    assert come_back(client, "1004").headers["Location"] == "/accounts/second-factor/code/"
    assert not is_signed_in(client)
    client.post("/accounts/second-factor/code/", {"code": code(secret)})
    assert client.get("/shishan/inbox/todo").status_code == 200


def test_claims_of_two_persons_are_refused(
    cast: Cast, configured: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"sub": "1004", "preferred_username": "zhaoqiang"}
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "_fetch_user_info", lambda *_: other)
    client = Client()
    assert REFUSED in text_of(come_back(client, "1001"))
    assert not is_signed_in(client)


def test_who_declines_at_the_provider_is_told_so_and_not_signed_in(cast: Cast, configured: str) -> None:
    client = Client()
    asked = client.post(START).headers["Location"]
    answer = client.get(agree(asked, action="deny"))
    assert answer.status_code == 403
    assert not is_signed_in(client)


def test_a_provider_that_does_not_answer_is_a_refusal_in_words(cast: Cast, settings: Any) -> None:
    silent = environment("http://127.0.0.1:9")
    settings.SOCIALACCOUNT_PROVIDERS = oidc_provider(silent, allow_loopback=True)
    answer = Client().post(START)
    assert answer.status_code == 403
    assert REFUSED in text_of(answer)


def test_refusals_and_sign_ins_are_written_down(
    cast: Cast, configured: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="lianxi.signin")
    come_back(Client(), "1002")
    come_back(Client(), "1001")
    assert [(entry["event"], entry["username"]) for entry in events(caplog)] == [
        ("provider_refused", None),
        ("signed_in", "limin"),
    ]
    assert events(caplog)[1]["by"] == ["socialaccount"]


def test_nothing_is_configured_unless_somebody_asks_for_it() -> None:
    assert django_settings.SOCIALACCOUNT_PROVIDERS == {}
