"""The second factor: who needs it, activating it, its codes and its recovery codes."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client

from tenants.administration.remove_second_factor import remove_second_factor
from tenants.errors import NotAllowed, NotPossible
from tenants.models import Role, Tenant
from tests.cast import PASSWORD, Cast, appoint
from tests.signin.people import activate, attempt, code, is_signed_in, signed_in
from tests.tenants.administrators import administrator, last_event
from tests.web.browsing import text_of

ACTIVATE = "/accounts/second-factor/activate/"
CODE = "/accounts/second-factor/code/"
STREET_INBOX = "/shishan/inbox/todo"


@pytest.fixture(autouse=True)
def demanded(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


def challenged(username: str) -> Client:
    """Return a client whose password was right and who is asked for a code."""
    client = Client()
    assert attempt(client, username, PASSWORD).headers["Location"] == CODE
    assert not is_signed_in(client)
    return client


def test_a_community_clerk_needs_a_password_only(cast: Cast) -> None:
    assert signed_in("limin").get("/shicheng/inbox/todo").status_code == 200


def test_a_street_officer_activates_it_before_any_page_of_a_tenant(cast: Cast) -> None:
    client = signed_in("zhaoqiang")
    for page in (STREET_INBOX, "/", "/places/", "/shicheng/inbox/todo", "/accounts/second-factor/"):
        assert client.get(page).headers["Location"].startswith(f"{ACTIVATE}?next="), page
    assert client.post("/shishan/cases/1/steps/1/decide").headers["Location"] == f"{ACTIVATE}?next=%2F"
    assert "您的岗位要求" in text_of(client.get(ACTIVATE))
    activate(client)
    assert client.get(STREET_INBOX).status_code == 200


@pytest.mark.parametrize(
    ("place", "role", "needed"),
    [
        ("shicheng", Role.COMMUNITY_SECRETARY, False),
        ("shicheng", Role.TENANT_ADMIN, True),
        ("shicheng", Role.AUDIT_ADMIN, True),
        ("shishan", Role.STREET_LEADER, True),
        ("district", Role.DISTRICT_REVIEWER, True),
        ("city", Role.SYSTEM_ADMIN, True),
    ],
)
def test_posts_above_the_communities_and_administrators_need_it(
    cast: Cast, place: str, role: Role, needed: bool
) -> None:
    tenant: Tenant = getattr(cast, place)
    appoint(tenant, cast.li_min, role)
    answer = signed_in("limin").get("/shicheng/inbox/todo")
    assert (answer.status_code == 302) == needed


def test_without_the_demand_nobody_needs_it(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = False
    assert signed_in("zhaoqiang").get(STREET_INBOX).status_code == 200


def test_a_wrong_first_code_activates_nothing(cast: Cast) -> None:
    client = signed_in("zhaoqiang")
    client.get(ACTIVATE)
    assert "验证码错误" in text_of(client.post(ACTIVATE, {"code": "000000"}))
    assert client.get(STREET_INBOX).status_code == 302
    assert Authenticator.objects.count() == 0


def test_from_then_on_the_password_alone_opens_nothing(cast: Cast) -> None:
    secret, _codes = activate(signed_in("zhaoqiang"))
    client = challenged("zhaoqiang")
    assert client.get(STREET_INBOX).status_code == 302
    assert "验证码错误" in text_of(client.post(CODE, {"code": "000000"}))
    assert "填写有误" in text_of(client.post(CODE, {}))
    assert not is_signed_in(client)
    assert client.post(CODE, {"code": code(secret)}).headers["Location"] == "/"
    assert client.get(STREET_INBOX).status_code == 200


def test_the_page_that_was_wanted_is_opened_after_the_code(cast: Cast) -> None:
    secret, _codes = activate(signed_in("zhaoqiang"))
    client = Client()
    attempt(client, "zhaoqiang", PASSWORD, next="/shicheng/members/")
    assert client.post(CODE, {"code": code(secret)}).headers["Location"] == "/shicheng/members/"


def test_a_code_opens_once(cast: Cast) -> None:
    secret, _codes = activate(signed_in("zhaoqiang"))
    shown = code(secret)
    first, second = challenged("zhaoqiang"), challenged("zhaoqiang")
    assert first.post(CODE, {"code": shown}).status_code == 302
    for written in (shown, f"{shown[:3]} {shown[3:]}"):
        assert "已经用过" in text_of(second.post(CODE, {"code": written}))
    assert second.post(CODE, {"code": code(secret, periods=1)}).status_code == 302


def test_a_recovery_code_stands_in_for_the_telephone_once(cast: Cast) -> None:
    _secret, codes = activate(signed_in("zhaoqiang"))
    assert len(set(codes)) == 10
    assert challenged("zhaoqiang").post(CODE, {"code": codes[3]}).status_code == 302
    assert "验证码错误" in text_of(challenged("zhaoqiang").post(CODE, {"code": codes[3]}))
    client = challenged("zhaoqiang")
    client.post(CODE, {"code": codes[4]})
    assert "还剩 8 个恢复码" in text_of(client.get("/accounts/second-factor/"))


def test_recovery_codes_are_shown_once_and_replaced_by_new_ones(cast: Cast) -> None:
    client = signed_in("zhaoqiang")
    _secret, codes = activate(client)
    again = text_of(client.get("/accounts/recovery-codes/"))
    assert "不再显示" in again
    assert codes[0] not in again
    assert client.post("/accounts/recovery-codes/new/").headers["Location"] == "/accounts/recovery-codes/"
    shown = text_of(client.get("/accounts/recovery-codes/"))
    assert "<li><code>" in shown
    assert codes[0] not in shown
    assert "验证码错误" in text_of(challenged("zhaoqiang").post(CODE, {"code": codes[0]}))


def test_guessing_codes_is_locked_after_five(cast: Cast) -> None:
    secret, _codes = activate(signed_in("zhaoqiang"))
    client = challenged("zhaoqiang")
    pages = [text_of(client.post(CODE, {"code": f"00000{number}"})) for number in range(6)]
    assert "验证码错误" in pages[4]
    assert "失败次数过多" in pages[5]
    assert "失败次数过多" in text_of(client.post(CODE, {"code": code(secret)}))
    assert not is_signed_in(client)


def test_moving_to_another_telephone_demands_a_new_factor_at_once(cast: Cast) -> None:
    client = signed_in("zhaoqiang")
    old, _codes = activate(client)
    assert "更换手机" in text_of(client.get("/accounts/second-factor/"))
    client.post("/accounts/second-factor/deactivate/")
    assert client.get(STREET_INBOX).headers["Location"].startswith(ACTIVATE)
    new, _codes = activate(client)
    assert new != old
    assert client.get(STREET_INBOX).status_code == 200


def test_whoever_activates_it_elsewhere_is_asked_for_a_code_here(cast: Cast) -> None:
    here, elsewhere = signed_in("zhaoqiang"), signed_in("zhaoqiang")
    secret, _codes = activate(elsewhere)
    to_confirm = here.get(STREET_INBOX).headers["Location"]
    assert to_confirm.startswith("/accounts/second-factor/confirm/")
    assert here.post(to_confirm, {"code": code(secret)}).headers["Location"] == STREET_INBOX
    assert here.get(STREET_INBOX).status_code == 200


def test_what_concerns_the_factor_asks_for_the_password_when_signing_in_is_long_ago(cast: Cast) -> None:
    client = signed_in("limin")
    _turn_records_back(client, seconds=6 * 60)
    asked = client.get(ACTIVATE).headers["Location"]
    assert asked.startswith("/accounts/confirm/")
    assert "密码错误" in text_of(client.post(asked, {"password": "wrong"}))
    assert client.get(ACTIVATE).status_code == 302
    client.post(asked, {"password": PASSWORD})
    assert client.get(ACTIVATE).status_code == 200


def _turn_records_back(client: Client, seconds: int) -> None:
    session = client.session
    session["account_authentication_methods"] = [
        {**done, "at": done["at"] - seconds} for done in session["account_authentication_methods"]
    ]
    session.save()


def test_secrets_are_stored_encrypted_and_survive_a_new_secret_key(cast: Cast, settings: Any) -> None:
    secret, _codes = activate(signed_in("zhaoqiang"))
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-" + "9" * 40
    assert challenged("zhaoqiang").post(CODE, {"code": code(secret)}).status_code == 302


def test_the_operator_removes_it_from_who_has_lost_everything(cast: Cast) -> None:
    client = signed_in("zhaoqiang")
    activate(client)
    call_command("account", "remove-second-factor", "zhaoqiang", verbosity=0)
    assert not is_signed_in(client)
    assert signed_in("zhaoqiang").get(STREET_INBOX).headers["Location"].startswith(ACTIVATE)
    assert last_event(cast.shishan).verb == "account.second_factor_removed"
    with pytest.raises(NotPossible):
        remove_second_factor(cast.zhao_qiang, actor=None)


def test_a_system_administrator_removes_a_workers_and_no_administrators(cast: Cast) -> None:
    keeper = administrator(cast.city, Role.SYSTEM_ADMIN)
    activate(signed_in("zhaoqiang"))
    with pytest.raises(NotAllowed):
        remove_second_factor(cast.zhao_qiang, actor=cast.actor("wang_fang"))
    assert Authenticator.objects.exists()
    remove_second_factor(cast.zhao_qiang, actor=keeper)
    assert not Authenticator.objects.exists()
    appoint(cast.shishan, cast.zhao_qiang, Role.AUDIT_ADMIN)
    activate(signed_in("zhaoqiang"))
    with pytest.raises(NotAllowed):
        remove_second_factor(cast.zhao_qiang, actor=keeper)
    assert Authenticator.objects.exists()
