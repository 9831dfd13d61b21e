"""Who gets in, and as whom."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tenants.models import ApiToken, Appointment, Role
from tenants.owner import as_owner
from tests.api.caller import Program, operation, program
from tests.cast import PASSWORD, Cast, appoint, inside
from workflows.models import Task

ME = "{ me { name } }"


def test_a_valid_token_gets_in(clerk: Program) -> None:
    assert clerk.ask(ME) == {"me": {"name": "李敏"}}


def test_unknown_expired_malformed_and_missing_tokens_get_the_same_answer(cast: Cast, clerk: Program) -> None:
    old = program(cast.li_min, cast.shicheng, days=-1)
    answers = [
        Program("lx_" + "x" * 43).send(ME),
        old.send(ME),
        Program("").send(ME),
        Program("nonsense").send(ME),
        clerk.post({"query": ME}, Authorization=f"Basic {clerk.token}"),
        Client().post("/graphql", json.dumps({"query": ME}), content_type="application/json"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert json.loads(answers[0].content)["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert {answer["WWW-Authenticate"] for answer in answers} == {"Bearer"}


def test_the_token_of_a_person_who_left_is_refused(cast: Cast, clerk: Program) -> None:
    clerk.ask(ME)
    with as_owner():
        cast.li_min.is_active = False
        cast.li_min.save()
    assert clerk.send(ME).status_code == 401


def test_a_session_is_worth_nothing_here(cast: Cast) -> None:
    browser = Client()
    assert browser.login(username="limin", password=PASSWORD)
    response = browser.post("/graphql", json.dumps({"query": ME}), content_type="application/json")
    assert response.status_code == 401


def test_a_token_carries_the_posts_at_its_tenant_and_no_others(cast: Cast) -> None:
    appoint(cast.dongshanbei, cast.li_min, Role.COMMUNITY_SECRETARY)
    at_home, next_door = (program(cast.li_min, place) for place in (cast.shicheng, cast.dongshanbei))
    posts = [
        (post["tenant"]["slug"], post["role"])
        for one in (at_home, next_door)
        for post in one.ask(operation("me"))["me"]["posts"]
    ]
    assert posts == [("shicheng", "COMMUNITY_CLERK"), ("dongshanbei", "COMMUNITY_SECRETARY")]


def test_a_token_for_another_place_does_not_reach_the_persons_own_case(
    cast: Cast, clerk: Program, case_id: str
) -> None:
    appoint(cast.dongshanbei, cast.li_min, Role.COMMUNITY_SECRETARY)
    next_door = program(cast.li_min, cast.dongshanbei)
    assert clerk.ask(operation("process"), id=case_id)["process"]["id"] == case_id
    assert next_door.ask(operation("process"), id=case_id) == {"process": None}


def test_a_token_whose_person_lost_the_post_gets_in_and_reaches_nothing(
    cast: Cast, clerk: Program, case_id: str, step_id: str
) -> None:
    with inside(cast.shicheng):
        yesterday = timezone.localdate() - timedelta(days=1)
        Appointment.objects.filter(user=cast.li_min).update(ends_on=yesterday)
    assert clerk.ask(operation("me"))["me"]["posts"] == []
    assert clerk.inbox() == []
    assert clerk.ask(operation("process"), id=case_id) == {"process": None}
    assert clerk.do("claim", taskId=step_id)["errors"][0]["code"] == "NOT_FOUND"
    with inside(cast.shicheng):
        assert Task.objects.get(status="NEW").owner_id is None


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_schemes_name_is_read_in_any_case(clerk: Program, scheme: str) -> None:
    response = clerk.post({"query": ME}, Authorization=f"{scheme} {clerk.token}")
    assert response.status_code == 200


def test_only_the_digest_of_a_token_is_stored(cast: Cast, clerk: Program) -> None:
    stored = ApiToken.objects.get()
    assert clerk.token not in (stored.digest, stored.name)
    assert stored.expires_at.date() > date(2020, 1, 1)
