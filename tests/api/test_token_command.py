"""`manage.py token`."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import Event
from tenants.models import ApiToken
from tests.api.caller import Program
from tests.cast import Cast, inside


def token(*given: str) -> str:
    out = StringIO()
    call_command("token", *given, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def create(**changes: Any) -> str:
    given = {"user": "limin", "tenant": "shicheng", "name": "交换程序", **changes}
    return token("create", *(f"--{name}={value}" for name, value in given.items()))


def events(cast: Cast) -> list[tuple[str, dict[str, Any]]]:
    with inside(cast.shicheng):
        return list(Event.objects.of(cast.shicheng.pk).order_by("seq").values_list("verb", "changes"))


def test_a_created_token_works_is_valid_for_90_days_and_is_logged(cast: Cast) -> None:
    made = create()
    assert Program(made).ask("{ me { name } }") == {"me": {"name": "李敏"}}
    stored = ApiToken.objects.get()
    assert timedelta(days=89) < stored.expires_at - timezone.now() < timedelta(days=90)
    assert events(cast) == [("token.created", {"name": "交换程序", "user": "limin", "days": 90})]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"user": "nobody"}, "nobody"),
        ({"tenant": "nowhere"}, "nowhere"),
        ({"tenant": "dongshanbei"}, "李敏.+limin.+holds no post at 东山北社区.+dongshanbei"),
        ({"days": 0}, "--days"),
        ({"days": 367}, "--days"),
        ({"name": " "}, "--name"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_nothing_is_made(
    cast: Cast, changes: dict[str, Any], named: str
) -> None:
    with pytest.raises(CommandError, match=named):
        create(**changes)
    assert not ApiToken.objects.exists()
    assert events(cast) == []


def test_a_revoked_token_is_refused_at_once_and_the_revocation_is_logged(cast: Cast) -> None:
    first, second = Program(create()), Program(create(name="另一个"))
    token("revoke", "交换程序")
    assert first.send("{ me { name } }").status_code == 401
    assert second.send("{ me { name } }").status_code == 200
    assert events(cast)[-1] == ("token.revoked", {"name": "交换程序", "user": "limin"})


def test_a_token_is_revoked_by_its_id_where_names_are_shared(cast: Cast) -> None:
    first, second = Program(create()), Program(create())
    with pytest.raises(CommandError, match="1, 2"):
        token("revoke", "交换程序")
    token("revoke", "1")
    assert [one.send("{ me { name } }").status_code for one in (first, second)] == [401, 200]


@pytest.mark.parametrize("given", ["nothing", "99", "9" * 40])
def test_revoking_what_is_not_there_says_so(cast: Cast, given: str) -> None:
    create()
    with pytest.raises(CommandError, match=given):
        token("revoke", given)
    assert ApiToken.objects.get().expires_at > timezone.now()


def test_the_list_shows_every_token_and_never_the_token_itself(cast: Cast) -> None:
    made = create()
    create(name="旧的")
    token("revoke", "旧的")
    listed = token("list")
    assert made not in listed
    lines = [line.split("\t") for line in listed.splitlines()]
    assert [(line[1], line[2], line[3], line[5]) for line in lines[1:]] == [
        ("交换程序", "limin", "shicheng", "valid"),
        ("旧的", "limin", "shicheng", "ended"),
    ]
