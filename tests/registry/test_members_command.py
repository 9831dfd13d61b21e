"""`manage.py members`."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from registry import roster_columns as columns
from registry.roster_sheet import read_rows
from tests.cast import Cast
from tests.registry.lists import imports, members, person, workbook


def write(path: Path, *rows: dict[str, object]) -> str:
    path.write_bytes(workbook(rows).getvalue())
    return str(path)


def run(*words: str) -> str:
    out = StringIO()
    call_command("members", *words, stdout=out)
    return out.getvalue()


def test_the_command_line_imports_as_the_system(cast: Cast, tmp_path: Path) -> None:
    out = run("import", write(tmp_path / "a.xlsx", person(1), person(3)), "--tenant", "shicheng")
    assert out == "狮城社区: 2 members were imported.\n"
    assert len(members(cast.shicheng)) == 2
    assert [event.actor_id for event in imports(cast.shicheng)] == [None]


def test_the_command_line_imports_in_a_person_s_name(cast: Cast, tmp_path: Path) -> None:
    run("import", write(tmp_path / "a.xlsx", person()), "--tenant", "shicheng", "--as", "limin")
    assert [event.actor_id for event in imports(cast.shicheng)] == [cast.li_min.pk]


def test_problems_are_printed_as_a_table_and_nothing_is_written(cast: Cast, tmp_path: Path) -> None:
    file = write(tmp_path / "a.xlsx", person(1), person(3, **{columns.NAME: None, columns.PHONE: "?"}))
    out = StringIO()
    with pytest.raises(CommandError, match=r"Nothing was written\. Problems: 2\.") as failure:
        call_command("members", "import", file, "--tenant", "shicheng", stdout=out)
    assert failure.value.returncode == 1
    assert out.getvalue().splitlines() == [
        "Row  Column    Problem",
        "3    姓名      This is missing.",
        "3    手机号码  This is not a telephone number.",
    ]
    assert not members(cast.shicheng)


def test_bad_rows_are_skipped_when_asked_and_still_printed(cast: Cast, tmp_path: Path) -> None:
    file = write(tmp_path / "a.xlsx", person(1), person(3, **{columns.NAME: None}))
    out = run("import", file, "--tenant", "shicheng", "--skip-bad")
    assert "This is missing." in out
    assert out.endswith("1 member was imported.\n")
    assert len(members(cast.shicheng)) == 1


def test_a_problem_of_the_whole_file_has_no_row(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"nonsense")
    out = StringIO()
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("members", "import", str(tmp_path / "a.xlsx"), "--tenant", "shicheng", stdout=out)
    assert out.getvalue().splitlines()[1].startswith("-    -       The file is not")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--tenant", "nowhere"), "no tenant “nowhere”"),
        (("--tenant", "shishan"), "“shishan” is no community"),
        (("--tenant", "shicheng", "--as", "nobody"), "no active user “nobody”"),
        (("--tenant", "shicheng", "--as", "chenjing"), "Only the clerk or the secretary"),
        (("--tenant", "shicheng", "--as", "zhaoqiang"), "Only the clerk or the secretary"),
    ],
)
def test_an_unknown_or_unfit_name_is_told_and_nothing_is_written(
    cast: Cast, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        run("import", write(tmp_path / "a.xlsx", person()), *words)
    assert not members(cast.shicheng)


def test_a_file_that_is_not_there_is_named(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"gone\.xlsx cannot be opened: No such file"):
        run("import", str(tmp_path / "gone.xlsx"), "--tenant", "shicheng")


def test_the_template_has_every_column_and_can_be_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "empty.xlsx"
    run("template", str(path))
    book = load_workbook(path)
    (sheet,) = book.worksheets
    assert [cell.value for cell in sheet[1]] == list(columns.ALL)
    assert sheet.column_dimensions["C"].number_format == "@"
    sheet.append([person().get(name) for name in columns.ALL])
    book.save(path)
    assert [row.number for row in read_rows(path.read_bytes())] == [2]


def test_the_template_overwrites_nothing(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"mine")
    with pytest.raises(CommandError, match=r"mine\.xlsx is there already"):
        run("template", str(path))
    assert path.read_bytes() == b"mine"


def test_a_template_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be opened"):
        run("template", str(tmp_path / "no" / "empty.xlsx"))
