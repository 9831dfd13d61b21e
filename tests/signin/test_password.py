"""What a password must be, changing it, and having to change it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from tenants.administration.reset_password import reset_password
from tenants.models import PasswordRecord, User
from tenants.owner import as_owner
from tests.cast import PASSWORD, Cast
from tests.signin.people import NEW_PASSWORD, attempt, is_signed_in, signed_in
from tests.web.browsing import text_of

PAGE = "/accounts/password/"


def change(client: Client, old: str, new: str, again: str = "", **fields: str) -> Any:
    return client.post(PAGE, {"oldpassword": old, "password1": new, "password2": again or new, **fields})


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Short-1aB", "请使用至少 10 个字符"),
        ("onlysmallletters", "密码至少要包含以下 3 类"),
        ("small-letters-and-signs", "密码至少要包含以下 3 类"),
        ("Password123", "常见"),
        ("Wangfang12", "用户名"),
    ],
)
def test_a_weak_password_is_refused_and_its_weakness_named(cast: Cast, password: str, why: str) -> None:
    client = signed_in("wangfang")
    page = text_of(change(client, PASSWORD, password))
    assert why in page, page
    assert attempt(Client(), "wangfang", password).status_code == 200
    assert is_signed_in(signed_in("wangfang"))


@pytest.mark.parametrize("password", ["Abcdefgh1x", "abcdefgh-1", "密码Abcdefg-", "ABCDEFGH 1"])
def test_three_classes_of_four_are_enough(cast: Cast, password: str) -> None:
    validate_password(password, cast.li_min)


def test_a_changed_password_opens_and_the_old_one_does_not(cast: Cast) -> None:
    client = signed_in("limin")
    answer = change(client, PASSWORD, NEW_PASSWORD)
    assert answer.headers["Location"] == "/"
    assert "密码已修改" in text_of(client.get("/shicheng/inbox/todo"))
    assert attempt(Client(), "limin", PASSWORD).status_code == 200
    assert is_signed_in(signed_in("limin", NEW_PASSWORD))


def test_without_the_present_password_nothing_changes(cast: Cast) -> None:
    client = signed_in("limin")
    assert "密码错误" in text_of(change(client, "wrong", NEW_PASSWORD))
    assert "密码必须相同" in text_of(change(client, PASSWORD, NEW_PASSWORD, "Another-horse-11"))
    assert attempt(Client(), "limin", NEW_PASSWORD).status_code == 200


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(cast: Cast) -> None:
    here, elsewhere = signed_in("limin"), signed_in("limin")
    assert elsewhere.get("/shicheng/inbox/todo").status_code == 200
    change(here, PASSWORD, NEW_PASSWORD)
    assert here.get("/shicheng/inbox/todo").status_code == 200
    assert elsewhere.get("/shicheng/inbox/todo").status_code == 302


def test_the_last_five_passwords_are_refused_and_the_sixth_is_not(cast: Cast, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key", "change_password": None, "login": None}
    client, had = signed_in("limin"), [PASSWORD]
    for number in range(5):
        assert change(client, had[-1], f"Horse-number-{number}").status_code == 302
        had.append(f"Horse-number-{number}")
    for old in had[1:]:
        assert "近期用过" in text_of(change(client, had[-1], old)), old
    assert change(client, had[-1], had[0]).status_code == 302
    assert PasswordRecord.objects.filter(user=cast.li_min).count() == 5


def test_a_first_password_is_not_chosen_again_either(cast: Cast) -> None:
    client = signed_in("limin")
    assert "近期用过" in text_of(change(client, PASSWORD, PASSWORD))
    change(client, PASSWORD, NEW_PASSWORD)
    assert "近期用过" in text_of(change(client, NEW_PASSWORD, PASSWORD))


def test_whose_password_somebody_else_has_set_changes_it_before_anything_else(
    cast: Cast, settings: Any
) -> None:
    settings.REQUIRE_OWN_PASSWORD = True
    client = Client()
    answer = attempt(client, "limin", PASSWORD, next="/shicheng/members/")
    assert answer.headers["Location"] == "/shicheng/members/"
    to_change = client.get("/shicheng/members/").headers["Location"]
    assert to_change == f"{PAGE}?next=%2Fshicheng%2Fmembers%2F"
    assert "别人设定" in text_of(client.get(to_change))
    for page in ("/", "/places/", "/shicheng/inbox/todo", "/accounts/second-factor/"):
        assert client.get(page).headers["Location"].startswith(PAGE)
    answer = change(client, PASSWORD, NEW_PASSWORD, next="/shicheng/members/")
    assert answer.headers["Location"] == "/shicheng/members/"
    assert client.get("/shicheng/members/").status_code == 200
    assert signed_in("limin", NEW_PASSWORD).get("/shicheng/members/").status_code == 200


def test_an_administrators_reset_asks_for_a_new_password_again(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_OWN_PASSWORD = True
    change(signed_in("limin"), PASSWORD, NEW_PASSWORD)
    given = reset_password(cast.li_min, actor=None).password
    assert signed_in("limin", given).get("/shicheng/inbox/todo").headers["Location"].startswith(PAGE)


def test_a_password_that_is_only_stored_anew_is_still_the_persons_own(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_OWN_PASSWORD = True
    change(signed_in("limin"), PASSWORD, NEW_PASSWORD)
    with as_owner():
        User.objects.filter(pk=cast.li_min.pk).update(password=make_password(NEW_PASSWORD))
    for _again in range(2):
        assert signed_in("limin", NEW_PASSWORD).get("/shicheng/inbox/todo").status_code == 200


@pytest.mark.parametrize(("days", "status"), [(89, 200), (91, 302)])
def test_a_password_lasts_ninety_days(cast: Cast, days: int, status: int) -> None:
    change(signed_in("limin"), PASSWORD, NEW_PASSWORD)
    long_ago = timezone.now() - timedelta(days=days)
    with as_owner():
        PasswordRecord.objects.update(set_at=long_ago)
    client = signed_in("limin", NEW_PASSWORD)
    assert client.get("/shicheng/inbox/todo").status_code == status
    if status == 302:
        assert "使用时间过长" in text_of(client.get(PAGE))


def test_the_history_holds_no_password_in_clear(cast: Cast) -> None:
    change(signed_in("limin"), PASSWORD, NEW_PASSWORD)
    stored = list(PasswordRecord.objects.values_list("encoded", flat=True))
    assert len(stored) == 2
    assert not any(NEW_PASSWORD in encoded or PASSWORD in encoded for encoded in stored)


def test_an_administrators_choice_of_a_password_obeys_the_same_rules(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        validate_password("onlysmallletters", cast.li_min)
    with pytest.raises(ValidationError):
        validate_password(PASSWORD, cast.li_min)
    validate_password(NEW_PASSWORD, cast.li_min)
