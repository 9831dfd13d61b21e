"""Creating a street from a file: all of it or nothing, every problem at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import DatabaseError, connection

from tenants.actors import actor_for
from tenants.administration.create_street import create_street
from tenants.errors import NotAllowed
from tenants.models import Role, Tenant, User
from tenants.scope import administration_scope
from tests.cast import Cast
from tests.tenants.administrators import (
    COMMUNITY,
    STREET,
    administrator,
    csv_file,
    last_event,
    verbs,
    workbook,
)

SECOND = ("社区", "东湖二社区", "donghu-er", "donghu", "zhangwei", "张伟")


@pytest.mark.parametrize(
    "file",
    [
        lambda: workbook(STREET, COMMUNITY, SECOND),
        lambda: csv_file(STREET, COMMUNITY, SECOND),
        lambda: csv_file(STREET, COMMUNITY, SECOND, encoding="utf-8-sig"),
        lambda: csv_file(STREET, COMMUNITY, SECOND, encoding="gb18030"),
        lambda: csv_file(STREET, COMMUNITY, SECOND, encoding="utf-16"),
    ],
    ids=["xlsx", "utf-8", "utf-8 with its mark", "gb18030", "utf-16"],
)
def test_a_street_its_communities_and_a_secretary_come_from_any_usual_file(
    cast: Cast, file: Callable[[], BytesIO]
) -> None:
    report = create_street(file(), actor=None)
    assert (report.problems, report.tenants, report.accounts) == ((), 3, ("zhangwei",))
    street = Tenant.objects.get(slug="donghu")
    assert (street.street_id, street.district_id) == (street.pk, cast.district.pk)
    second = Tenant.objects.get(slug="donghu-er")
    assert (second.name, second.parent_id) == ("东湖二社区", street.pk)
    assert (second.street_id, second.district_id) == (street.pk, cast.district.pk)
    secretary = User.objects.get(username="zhangwei")
    assert actor_for(secretary).roles_at(second.pk) == {"community_secretary"}
    assert not secretary.has_usable_password()


def test_the_logs_of_the_street_and_of_its_district_tell_of_it(cast: Cast) -> None:
    create_street(csv_file(STREET, COMMUNITY), actor=None)
    street = Tenant.objects.get(slug="donghu")
    assert verbs(street) == ["street.created"]
    assert last_event(street).changes["communities"] == ["donghu-yi"]
    assert verbs(cast.district) == ["street.created_below"]
    assert verbs(Tenant.objects.get(slug="donghu-yi")) == []


def test_an_empty_database_gets_its_city_and_district_from_the_same_file(database: None) -> None:
    city, district = ("市", "江城市", "jiangcheng", "", "", ""), ("区", "东城区", "dongcheng", "", "", "")
    report = create_street(csv_file(city, district, ("街道", "东湖街道", "donghu", "", "", "")), actor=None)
    assert report.problems == ()
    places = dict(Tenant.objects.values_list("slug", "parent__slug"))
    assert places == {"jiangcheng": None, "dongcheng": "jiangcheng", "donghu": "dongcheng"}


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ([STREET, ("社区", "", "donghu-yi", "", "", "")], [(3, "名称")]),
        ([STREET, ("村", "甲", "jia", "", "", "")], [(3, "级别")]),
        ([STREET, ("社区", "甲", "Jia_1", "", "", "")], [(3, "地址标识")]),
        ([STREET, ("社区", "甲", "graphql", "", "", "")], [(3, "地址标识")]),
        ([STREET, ("社区", "甲", "shicheng", "", "", "")], [(3, "地址标识")]),
        (
            [STREET, ("社区", "甲", "jia", "", "", ""), ("社区", "乙", "jia", "", "", "")],
            [(3, "地址标识"), (4, "地址标识")],
        ),
        (
            [STREET, ("社区", "甲", "jia", "", "", ""), ("社区", "甲", "yi", "", "", "")],
            [(3, "名称"), (4, "名称")],
        ),
        ([STREET, ("社区", "甲", "jia", "shishan", "", "")], [(3, "上级")]),
        ([("街道", "东湖", "donghu", "nowhere", "", "")], [(2, "上级")]),
        ([("街道", "东湖", "donghu", "shishan", "", "")], [(2, "上级")]),
        ([("街道", "东湖", "donghu", "", "", "")], [(2, "上级")]),
        ([COMMUNITY, STREET], [(2, "级别")]),
        ([STREET, ("街道", "西湖街道", "xihu", "district", "", "")], [(3, "级别")]),
        ([("社区", "甲", "jia", "", "", "")], [(0, "级别")]),
        ([STREET, ("社区", "甲", "jia", "", "zhangwei", "")], [(3, "书记姓名")]),
        ([STREET, ("社区", "甲", "jia", "", "", "张伟")], [(3, "书记用户名")]),
        ([STREET, ("社区", "甲", "jia", "", "limin", "李不敏")], [(3, "书记姓名")]),
        ([("区", "西城区", "xicheng", "city", "", ""), STREET], [(3, "上级")]),
    ],
)
def test_every_problem_is_named_by_row_and_column_and_nothing_is_written(
    cast: Cast, lines: list[Any], wrong: list[tuple[int, str]]
) -> None:
    before = Tenant.objects.count(), User.objects.count()
    report = create_street(csv_file(*lines), actor=None)
    assert not report.written
    assert [(problem.row, problem.column) for problem in report.problems] == wrong
    assert (Tenant.objects.count(), User.objects.count()) == before
    assert verbs(cast.district) == []


def test_several_problems_are_told_at_once(cast: Cast) -> None:
    report = create_street(
        csv_file(STREET, ("社区", "", "Ja!", "", "", ""), ("镇", "丙", "static", "", "", "")), actor=None
    )
    assert {(p.row, p.column) for p in report.problems} == {
        (3, "名称"),
        (3, "地址标识"),
        (4, "级别"),
        (4, "地址标识"),
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe\x80",
        b"PK\x03\x04 no archive",
        "名称,地址标识\n甲,jia".encode(),
        "级别,名称,地址标识".encode(),
    ],
    ids=["empty", "binary", "broken archive", "missing column", "no rows"],
)
def test_a_file_that_is_no_list_is_one_problem_of_the_whole_file(cast: Cast, content: bytes) -> None:
    report = create_street(BytesIO(content), actor=None)
    assert [problem.row for problem in report.problems] == [0]
    assert not report.written


def test_a_person_with_an_account_gets_a_further_post(cast: Cast) -> None:
    report = create_street(
        csv_file(STREET, ("社区", "东湖一社区", "donghu-yi", "", "limin", "李敏")), actor=None
    )
    assert report.accounts == ()
    places = {post.tenant_id for post in cast.actor("li_min").posts}
    assert places == {cast.shicheng.pk, Tenant.objects.get(slug="donghu-yi").pk}


def test_only_a_system_administrator_above_creates_streets(cast: Cast) -> None:
    for outsider in (
        cast.actor("zhao_qiang"),
        administrator(cast.shishan, Role.SYSTEM_ADMIN),
        administrator(cast.district, Role.SECURITY_ADMIN, "anquan"),
    ):
        with pytest.raises(NotAllowed):
            create_street(csv_file(STREET, COMMUNITY), actor=outsider)
    assert not Tenant.objects.filter(slug="donghu").exists()
    keeper = administrator(cast.district, Role.SYSTEM_ADMIN, "xitong")
    assert create_street(csv_file(STREET, COMMUNITY), actor=keeper).written
    assert last_event(Tenant.objects.get(slug="donghu")).post == "system_admin"


def test_who_creates_a_street_does_not_fill_its_posts(cast: Cast) -> None:
    keeper = administrator(cast.district, Role.SYSTEM_ADMIN)
    with pytest.raises(NotAllowed):
        create_street(csv_file(STREET, SECOND), actor=keeper)
    assert not Tenant.objects.filter(slug="donghu").exists()
    assert not User.objects.filter(username="zhangwei").exists()


def test_ten_thousand_communities_are_created_within_a_minute(cast: Cast) -> None:
    rows = (("社区", f"第{n}社区", f"c{n}", "", "", "") for n in range(10_000))
    file = workbook(STREET, *rows)
    began = time.perf_counter()
    report = create_street(file, actor=None)
    assert report.tenants == 10_001
    assert time.perf_counter() - began < 60


def test_the_login_role_itself_can_write_neither_the_tree_nor_accounts(cast: Cast) -> None:
    for statement in (
        "INSERT INTO tenants_user (username, full_name, password, is_active) VALUES ('x', 'x', '', true)",
        "UPDATE tenants_user SET is_active = false",
        "UPDATE tenants_tenant SET name = 'x'",
        "DELETE FROM tenants_tenant",
    ):
        with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM registry_member",
        "SELECT count(*) FROM audit_event WHERE verb = 'x'",
        "UPDATE audit_event SET hash = ''",
        "UPDATE workflows_process SET title = ''",
        "SELECT password FROM tenants_user",
        "UPDATE tenants_tenant SET slug = 'x'",
        "DELETE FROM tenants_tenant",
        "SELECT * FROM django_session",
    ],
)
def test_administration_reads_no_records_and_changes_no_log(cast: Cast, statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"):
        with administration_scope(cast.shicheng), connection.cursor() as cursor:
            cursor.execute(statement)
