"""Rows that do not hold: named by row and column, and nothing is written."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from registry import roster_columns as columns
from registry.roster import Problem
from tests.cast import Cast
from tests.registry.lists import imports, load, members, number, person, workbook

BAD_ROW = 3
TOMORROW = timezone.localdate() + timedelta(days=1)

BAD_CELLS = [
    (columns.NAME, None, "missing"),
    (columns.NAME, "　", "missing"),
    (columns.NAME, "长" * 101, "longer than 100"),
    (columns.NAME, date(2001, 7, 1), "neither text nor"),
    (columns.NAME, True, "neither text nor"),
    (columns.NAME, "张\x7f三", "control character"),
    (columns.GENDER, None, "missing"),
    (columns.GENDER, "M", "“M” is not one of 男、女"),
    (columns.GENDER, "女", "another gender"),
    (columns.IDENTITY_NUMBER, None, "missing"),
    (columns.IDENTITY_NUMBER, "123", "18 characters"),
    (columns.IDENTITY_NUMBER, "X" * 18, "17 digits"),
    (columns.IDENTITY_NUMBER, number()[:-1] + ("1" if number()[-1] != "1" else "2"), "a digit is wrong"),
    (columns.IDENTITY_NUMBER, number(born="19700230"), "does not exist"),
    (columns.IDENTITY_NUMBER, 110101197001010000, "lost digits"),
    (columns.ETHNICITY, None, "missing"),
    (columns.ETHNICITY, "#N/A", "error #N/A"),
    (columns.BIRTH_DATE, None, "missing"),
    (columns.BIRTH_DATE, date(1970, 1, 2), "another date of birth"),
    (columns.EDUCATION, "长" * 51, "longer than 50"),
    (columns.STANDING, None, "missing"),
    (columns.STANDING, "党员", "not one of 正式党员、预备党员"),
    (columns.BRANCH, None, "组织关系所在单位"),
    (columns.PHONE, "unknown", "not a telephone number"),
    (columns.PHONE, "1" * 40, "not a telephone number"),
    (columns.JOINED_ON, None, "missing"),
    (columns.JOINED_ON, "1995-07", "“1995-07” is not a date"),
    (columns.JOINED_ON, "1995-7/1", "not a date"),
    (columns.JOINED_ON, "1995-02-29", "no such day"),
    (columns.JOINED_ON, "x" * 50, f"“{'x' * 20}…”"),
    (columns.JOINED_ON, time(8, 30), "neither text nor"),
    (columns.JOINED_ON, date(1969, 12, 31), "not after the date of birth"),
    (columns.FULL_SINCE, None, "full member needs"),
    (columns.FULL_SINCE, "#REF!", "error #REF!"),
    (columns.FULL_SINCE, date(1995, 6, 30), "before the date of joining"),
    (columns.FULL_SINCE, TOMORROW, "in the future"),
    (columns.OCCUPATION, "长" * 101, "longer than 100"),
    (columns.RESIDENCE, "长" * 201, "longer than 200"),
    (columns.OUT_OF_CONTACT, "maybe", "not one of 是、否"),
    (columns.MOBILE, 1, "“1” is not one of 是、否"),
    (columns.HOME_ORGANISATION, "长" * 201, "longer than 200"),
]


@pytest.mark.parametrize(("column", "value", "message"), BAD_CELLS)
def test_a_bad_cell_is_named_and_nothing_is_written(
    cast: Cast, column: str, value: object, message: str
) -> None:
    file = workbook([person(1), person(3, **{column: value})])
    report = load(cast.shicheng, file, actor=cast.actor("li_min"))
    assert [(problem.row, problem.column) for problem in report.problems] == [(BAD_ROW, column)]
    assert message in report.problems[0].message
    assert (report.imported, report.written) == (0, False)
    assert not members(cast.shicheng)
    assert not imports(cast.shicheng)


@pytest.mark.parametrize(("column", "value", "message"), BAD_CELLS)
def test_a_bad_cell_is_named_and_the_good_row_is_written_when_asked(
    cast: Cast, column: str, value: object, message: str
) -> None:
    file = workbook([person(1), person(3, **{column: value})])
    report = load(cast.shicheng, file, actor=cast.actor("li_min"), skip_bad=True)
    assert [(problem.row, problem.column) for problem in report.problems] == [(BAD_ROW, column)]
    assert (report.imported, report.written) == (1, True)
    assert [member.id_number_mask[-4:] for member in members(cast.shicheng)] == [number(1)[-4:]]


def test_all_problems_of_the_file_are_told_at_once(cast: Cast) -> None:
    spoilt = {columns.NAME: None, columns.GENDER: "?", columns.JOINED_ON: "?"}
    rows = [person(1, **spoilt), person(3), person(5, **{columns.ETHNICITY: None})]
    report = load(cast.shicheng, workbook(rows, title="名册"))
    assert [(problem.row, problem.column) for problem in report.problems] == [
        (3, columns.NAME),
        (3, columns.GENDER),
        (3, columns.JOINED_ON),
        (5, columns.ETHNICITY),
    ]


def test_rows_are_counted_as_in_the_file_past_empty_ones(cast: Cast) -> None:
    report = load(cast.shicheng, workbook([person(1), {}, {}, person(3, **{columns.NAME: None})]))
    assert [problem.row for problem in report.problems] == [5]


def test_a_probationary_member_with_a_date_of_full_membership_is_a_problem(cast: Cast) -> None:
    report = load(cast.shicheng, workbook([person(**{columns.STANDING: "预备党员"})]))
    assert [(problem.row, problem.column) for problem in report.problems] == [(2, columns.FULL_SINCE)]
    assert not members(cast.shicheng)


def test_a_person_who_is_there_twice_is_refused_in_both_rows_each_naming_the_other(cast: Cast) -> None:
    file = workbook([person(1), person(3), person(1, **{columns.NAME: "李四"})])
    report = load(cast.shicheng, file, skip_bad=True)
    same = "The same identity number is in row %s."
    assert report.problems == [
        Problem(2, columns.IDENTITY_NUMBER, same % 4),
        Problem(4, columns.IDENTITY_NUMBER, same % 2),
    ]
    assert [member.id_number_mask[-4:] for member in members(cast.shicheng)] == [number(3)[-4:]]


def test_a_person_who_is_on_the_list_already_is_named(cast: Cast) -> None:
    load(cast.shicheng, workbook([person(1)]))
    report = load(cast.shicheng, workbook([person(3), person(1, **{columns.NAME: "李四"})]))
    (problem,) = report.problems
    assert (problem.row, problem.column) == (3, columns.IDENTITY_NUMBER)
    assert f"张三 (000***********{number(1)[-4:]}) is on the list already" in problem.message
    assert len(members(cast.shicheng)) == 1


def test_importing_a_file_again_adds_nobody(cast: Cast) -> None:
    file = workbook([person(1), person(3)])
    load(cast.shicheng, file)
    file.seek(0)
    report = load(cast.shicheng, file, skip_bad=True)
    assert (report.imported, report.written, len(report.problems)) == (0, False, 2)
    assert len(members(cast.shicheng)) == 2
    assert len(imports(cast.shicheng)) == 1


def test_a_sibling_s_member_is_no_duplicate_and_is_not_betrayed(cast: Cast) -> None:
    load(cast.dongshanbei, workbook([person(1)]))
    report = load(cast.shicheng, workbook([person(1)]), actor=cast.actor("li_min"))
    assert (report.problems, report.written) == ([], True)


def test_no_message_repeats_an_identity_or_telephone_number(cast: Cast) -> None:
    rows = [
        person(1, **{columns.PHONE: "1390000????"}),
        person(1),
        person(3, **{columns.IDENTITY_NUMBER: number()[:-1] + "Y"}),
    ]
    report = load(cast.shicheng, workbook(rows))
    told = " ".join(problem.message for problem in report.problems)
    assert number()[:-1] not in told
    assert "1390000" not in told
