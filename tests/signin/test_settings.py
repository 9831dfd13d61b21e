"""What the environment may say about signing in, and what is refused."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import number, switch
from config.settings import signin
from config.settings.signin import oidc_origins, oidc_provider

COMPLETE = {
    "LIANXI_OIDC_ISSUER": "https://id.example/realms/city/",
    "LIANXI_OIDC_CLIENT_ID": "lianxi",
    "LIANXI_OIDC_CLIENT_SECRET": "secret",
}


def test_the_defaults_are_the_security_baseline() -> None:
    assert (signin.PASSWORD_MIN_LENGTH, signin.PASSWORD_CLASSES) == (10, 3)
    assert (signin.PASSWORD_HISTORY, signin.PASSWORD_MAX_AGE_DAYS) == (5, 90)
    assert (signin.SIGN_IN_FAILURES, signin.SIGN_IN_LOCK_MINUTES) == (5, 15)
    assert (signin.IDLE_MINUTES, signin.IDLE_MINUTES_ADMIN, signin.SESSION_HOURS) == (15, 10, 8)
    assert signin.REQUIRE_SECOND_FACTOR
    assert signin.REQUIRE_OWN_PASSWORD


def test_numbers_and_switches_are_read_or_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert number("LIANXI_X", 5) == 5
    assert switch("LIANXI_X", default=True)
    monkeypatch.setenv("LIANXI_X", "30")
    assert number("LIANXI_X", 5) == 30
    with pytest.raises(ImproperlyConfigured, match="yes or no"):
        switch("LIANXI_X", default=True)
    for wrong in ("0", "-1", "many", "1.5"):
        monkeypatch.setenv("LIANXI_X", wrong)
        with pytest.raises(ImproperlyConfigured, match="LIANXI_X"):
            number("LIANXI_X", 5)
    monkeypatch.setenv("LIANXI_X", "No")
    assert not switch("LIANXI_X", default=True)


def test_a_provider_is_complete_or_refused() -> None:
    assert oidc_provider({}) == {}
    app = oidc_provider(COMPLETE)["openid_connect"]["APPS"][0]
    assert app["settings"] == {
        "server_url": "https://id.example/realms/city",
        "username_claim": "preferred_username",
    }
    for name in COMPLETE:
        if name != "LIANXI_OIDC_ISSUER":
            with pytest.raises(ImproperlyConfigured, match=name):
                oidc_provider({**COMPLETE, name: ""})


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9400", "http://id.example", "id.example"])
def test_a_provider_is_asked_over_tls_only(issuer: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="https"):
        oidc_provider({**COMPLETE, "LIANXI_OIDC_ISSUER": issuer})


def test_a_test_may_ask_a_provider_on_this_machine_and_no_other_without_tls() -> None:
    loopback = {**COMPLETE, "LIANXI_OIDC_ISSUER": "http://127.0.0.1:9400"}
    assert oidc_origins(oidc_provider(loopback, allow_loopback=True)) == ["http://127.0.0.1:9400"]
    with pytest.raises(ImproperlyConfigured, match="https"):
        oidc_provider({**COMPLETE, "LIANXI_OIDC_ISSUER": "http://id.example"}, allow_loopback=True)
