"""The list of members, and importing one."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from openpyxl import load_workbook

from registry import roster_columns as columns
from registry.models import Member
from tenants.models import User
from tests.cast import Cast, inside, make_member
from tests.registry.lists import person, workbook
from tests.web.browsing import browser_of, text_of
from workflows import queries

LIST, IMPORT = "/shicheng/members/", "/shicheng/members/import"


def _members(cast: Cast) -> int:
    with inside(cast.shicheng):
        return int(Member.objects.count())


def _upload(user: User, rows: list[dict[str, object]], **data: Any) -> HttpResponse:
    file = SimpleUploadedFile("名册.xlsx", workbook(rows).read())
    return browser_of(user).post(IMPORT, {"file": file, **data})


def test_the_list_shows_of_the_identity_number_only_the_mask(cast: Cast) -> None:
    make_member(cast.shicheng, "张三", phone="13800000000")
    page = text_of(browser_of(cast.li_min).get(LIST))
    assert "张三" in page
    assert "110***********123X" in page
    assert "13800000000" not in page


def test_a_search_finds_names_by_a_part(cast: Cast) -> None:
    make_member(cast.shicheng, "欧阳修")
    make_member(cast.shicheng, "李白")
    page = text_of(browser_of(cast.li_min).get(LIST, {"name": "阳"}))
    assert "欧阳修" in page
    assert "李白" not in page
    assert "没有姓名含“%&lt;”的党员。" in text_of(browser_of(cast.li_min).get(LIST, {"name": "%<"}))


def test_the_list_goes_on_page_by_page_without_gap_or_repetition(cast: Cast) -> None:
    for n in (3, 1, 2, 1, 1):
        make_member(cast.shicheng, f"党员{n}")
    client, seen, after = browser_of(cast.li_min), [], ""
    with patch.object(queries, "PAGE", 2):
        while True:
            context = client.get(LIST, {"after": after}).context
            seen += [(member.name, member.pk) for member in context["members"]]
            after = context["more"]
            if not after:
                break
    assert len(seen) == 5
    assert seen == sorted(seen)


def test_only_the_communitys_own_clerk_and_secretary_open_it(cast: Cast) -> None:
    make_member(cast.shicheng)
    assert browser_of(cast.wang_fang).get(LIST).status_code == 200
    assert browser_of(cast.zhao_qiang).get(LIST).status_code == 403
    assert browser_of(cast.zhao_qiang).get(IMPORT).status_code == 403
    assert browser_of(cast.chen_jing).get(LIST).status_code == 404


def test_a_good_list_is_imported(cast: Cast) -> None:
    answer = _upload(cast.li_min, [person(1), person(3)])
    assert (answer.status_code, answer.headers["Location"]) == (303, LIST)
    assert _members(cast) == 2


def test_one_bad_row_stops_everything_and_is_named_by_row_and_column(cast: Cast) -> None:
    answer = _upload(cast.li_min, [person(1), person(3, **{columns.GENDER: "不详"})])
    page = text_of(answer)
    assert answer.status_code == 422
    assert "未写入任何内容" in page
    assert '<th scope="row" data-label="行">3</th>' in page
    assert '<td data-label="列">性别</td>' in page
    assert _members(cast) == 0


def test_bad_rows_are_skipped_when_that_is_ticked(cast: Cast) -> None:
    answer = _upload(cast.li_min, [person(1), person(3, **{columns.GENDER: "不详"})], skip_bad="on")
    page = text_of(answer)
    assert answer.status_code == 200
    assert "已导入党员 1 人。" in page
    assert "已跳过 1 行" in page
    assert _members(cast) == 1


def test_without_a_file_the_field_is_named(cast: Cast) -> None:
    answer = browser_of(cast.li_min).post(IMPORT, {})
    assert answer.status_code == 422
    assert '<a href="#id_file">' in text_of(answer)


def test_something_else_than_a_workbook_is_refused_in_words(cast: Cast) -> None:
    file = SimpleUploadedFile("名册.xlsx", b"no workbook at all")
    answer = browser_of(cast.li_min).post(IMPORT, {"file": file})
    assert answer.status_code == 422
    assert "文件不是 .xlsx 工作簿，或者已经损坏。" in text_of(answer)


def test_strangers_import_nothing(cast: Cast) -> None:
    assert _upload(cast.zhao_qiang, [person(1)]).status_code == 403
    assert _upload(cast.chen_jing, [person(1)]).status_code == 404
    assert _members(cast) == 0


def test_an_empty_list_can_be_taken_along(cast: Cast, tmp_path: Any) -> None:
    answer = browser_of(cast.li_min).get("/shicheng/members/empty-list.xlsx")
    file = tmp_path / "list.xlsx"
    file.write_bytes(answer.content)
    assert columns.NAME in [cell.value for cell in load_workbook(file).active[1]]
