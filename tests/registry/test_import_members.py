"""Importing a member list that holds."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from demo.roster import write_roster
from registry import roster_columns as columns
from registry.errors import ImportNotAllowed
from registry.identity import keyed_hash
from tenants.scope import street_scope
from tests.cast import Cast, appoint, make_member
from tests.registry.lists import imports, load, members, number, person, saved, workbook

OWN, RESIDING = 387, 1_894
STATEMENTS = 7


def test_a_street_s_whole_list_is_imported_and_counted_in_a_handful_of_statements(
    cast: Cast, tmp_path: Path
) -> None:
    path = tmp_path / "list.xlsx"
    write_roster(path, own=OWN, residing=RESIDING, seed=1)
    clerk = cast.actor("li_min")
    with path.open("rb") as file, CaptureQueriesContext(connection) as statements:
        report = load(cast.shicheng, file, actor=clerk)  # type: ignore[arg-type]
    assert (report.imported, report.problems, report.written) == (OWN + RESIDING, [], True)
    # BEGIN, the scope, who is known, the members, the log's head and event, COMMIT.
    assert len(statements) == STATEMENTS, [query["sql"][:80] for query in statements]
    everyone = members(cast.shicheng)
    own = [member for member in everyone if member.belongs_here]
    assert (len(own), len(everyone) - len(own)) == (OWN, RESIDING)
    assert sum(member.standing == "probationary" for member in own) == OWN // 14


def test_every_column_reaches_its_field(cast: Cast) -> None:
    row = person(
        **{
            columns.EDUCATION: "大学本科",
            columns.PHONE: 12000000001,
            columns.OCCUPATION: "教师",
            columns.RESIDENCE: "桂花苑1栋302室",
            columns.OUT_OF_CONTACT: "否",
            columns.MOBILE: "是",
            columns.HOME_ORGANISATION: "江城市第九中学党总支",
        }
    )
    load(cast.shicheng, workbook([row]), actor=cast.actor("li_min"))
    (member,) = members(cast.shicheng)
    kept = {name: value for name, value in vars(member).items() if not name.startswith(("_", "id"))}
    assert kept == {
        "tenant_id": cast.shicheng.pk,
        "street_id": cast.shishan.pk,
        "district_id": cast.district.pk,
        "name": "张三",
        "gender": "male",
        "ethnicity": "汉族",
        "birth_date": date(1970, 1, 1),
        "education": "大学本科",
        "standing": "full",
        "branch": "第一党支部",
        "home_organisation": "江城市第九中学党总支",
        "joined_on": date(1995, 7, 1),
        "full_since": date(1996, 7, 1),
        "occupation": "教师",
        "residence": "桂花苑1栋302室",
        "phone": "12000000001",
        "is_mobile": True,
        "is_out_of_contact": False,
    }
    assert member.id_number_mask == f"000***********{number()[-4:]}"
    assert member.id_number_hash == keyed_hash(number(), settings.ID_NUMBER_KEY)


@pytest.mark.parametrize(
    "spelling",
    [
        "2001-07-01",
        "2001/7/1",
        "2001.07.01",
        "20010701",
        20010701,
        "2001年7月1日",
        " 2001 年 7 月 1 日 ",
        "２００１-07-01",
        date(2001, 7, 1),
        datetime(2001, 7, 1, 8, 30),  # noqa: DTZ001 (a spreadsheet knows no zones)
    ],
)
def test_a_date_may_be_spelt_in_the_usual_ways(cast: Cast, spelling: object) -> None:
    load(cast.shicheng, workbook([person(**{columns.FULL_SINCE: spelling})]))
    assert [member.full_since for member in members(cast.shicheng)] == [date(2001, 7, 1)]


def test_columns_may_be_in_any_order_below_a_title_with_others_between(cast: Cast) -> None:
    header = ["序号", *reversed(columns.REQUIRED), "党龄", "户籍所在地"]
    report = load(cast.shicheng, workbook([person()], header=header, title="2026年党员名册"))
    assert (report.imported, report.problems) == (1, [])


def test_column_names_may_be_broken_over_lines_and_starred(cast: Cast) -> None:
    header = [
        "*姓名",
        "公民身份\n号码",
        *(name for name in columns.ALL if name not in ("姓名", "公民身份号码")),
    ]
    assert load(cast.shicheng, workbook([person()], header=header)).written


def test_a_probationary_member_has_no_date_of_full_membership(cast: Cast) -> None:
    row = person(**{columns.STANDING: "预备党员", columns.FULL_SINCE: None})
    assert load(cast.shicheng, workbook([row])).written
    assert [(m.standing, m.full_since) for m in members(cast.shicheng)] == [("probationary", None)]


def test_small_letters_spaces_and_spread_names_are_put_right(cast: Cast) -> None:
    sequence = next(n for n in range(1, 99, 2) if number(n).endswith("X"))
    spelling = f" {number(sequence).lower()} "
    row = person(**{columns.IDENTITY_NUMBER: spelling, columns.NAME: "张　三"})
    load(cast.shicheng, workbook([row]))
    (member,) = members(cast.shicheng)
    assert (member.name, member.id_number_mask[-1]) == ("张三", "X")
    assert member.id_number_hash == keyed_hash(number(sequence), settings.ID_NUMBER_KEY)


def test_empty_rows_are_passed_over_and_the_first_visible_sheet_is_read(cast: Cast) -> None:
    book = Workbook()
    book.create_sheet("hidden", 0).sheet_state = "hidden"
    sheet = book["Sheet"]
    sheet.append(columns.ALL)
    sheet.append([" "] * len(columns.ALL))
    sheet.append([])
    sheet.append([person().get(name) for name in columns.ALL])
    book.create_sheet("notes").append(["more"])
    assert load(cast.shicheng, saved(book)).imported == 1


def test_a_secretary_may_import_and_the_log_says_so_without_personal_data(cast: Cast) -> None:
    file = workbook([person(), person(3, **{columns.GENDER: "女"})])
    load(cast.shicheng, file, actor=cast.actor("wang_fang"), skip_bad=True)
    (event,) = imports(cast.shicheng)
    assert (event.actor_id, event.post) == (cast.wang_fang.pk, "community_secretary")
    assert event.changes == {
        "imported": 1,
        "skipped": 1,
        "file_sha256": hashlib.sha256(file.getvalue()).hexdigest(),
    }


def test_without_a_person_the_system_imports(cast: Cast) -> None:
    assert load(cast.shicheng, workbook([person()])).written
    assert [(event.actor_id, event.post) for event in imports(cast.shicheng)] == [(None, "")]


@pytest.mark.parametrize("name", ["zhao_qiang", "chen_jing", "sun_li"])
def test_who_holds_no_post_here_is_refused_and_nothing_changes(cast: Cast, name: str) -> None:
    outsider = cast.actor(name)
    with pytest.raises(ImportNotAllowed) as refusal:
        load(cast.shicheng, workbook([person()]), actor=outsider)
    assert (refusal.value.code, refusal.value.status) == ("IMPORT_NOT_ALLOWED", 403)
    assert "clerk" in refusal.value.message
    assert not members(cast.shicheng)
    assert not imports(cast.shicheng)


def test_another_post_in_the_community_is_not_enough(cast: Cast) -> None:
    appoint(cast.shicheng, cast.sun_li, "tenant_admin")  # type: ignore[arg-type]
    with pytest.raises(ImportNotAllowed):
        load(cast.shicheng, workbook([person()]), actor=cast.actor("sun_li"))
    assert not members(cast.shicheng)


def test_a_street_s_reading_scope_does_not_import(cast: Cast) -> None:
    from registry.roster import import_roster

    clerk = cast.actor("li_min")
    with pytest.raises(ImportNotAllowed), street_scope(cast.shishan.pk):
        import_roster(workbook([person()]), actor=clerk)
    assert not members(cast.shicheng)


def test_the_same_person_may_be_in_two_communities_and_neither_sees_the_other(cast: Cast) -> None:
    file = workbook([person()])
    assert load(cast.shicheng, file, actor=cast.actor("li_min")).written
    file.seek(0)
    assert load(cast.dongshanbei, file, actor=cast.actor("chen_jing")).written
    (here,), (there,) = members(cast.shicheng), members(cast.dongshanbei)
    assert here.id_number_hash == there.id_number_hash
    assert (here.tenant_id, there.tenant_id) == (cast.shicheng.pk, cast.dongshanbei.pk)


def test_members_who_were_there_stay_as_they_are(cast: Cast) -> None:
    before = make_member(cast.shicheng, "李四")
    load(cast.shicheng, workbook([person()]))
    assert [member.name for member in members(cast.shicheng)] == ["李四", "张三"]
    assert members(cast.shicheng)[0].joined_on == before.joined_on
