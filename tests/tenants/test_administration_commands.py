"""The commands: the same verbs, in words, and the way from an empty database to a community at work."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from tenants.actors import actor_for
from tenants.administration.sheet import COLUMNS
from tenants.models import Role, Tenant, User
from tenants.owner import as_owner
from tests.cast import Cast, inside, make_member, nomination
from tests.tenants.administrators import administrator, fresh, last_event
from tests.workflows.steps import FLOW
from workflows.actions.start import start

FILE = """\
级别,名称,地址标识,上级,书记用户名,书记姓名
市,江城市,jiangcheng,,,
区,东城区,dongcheng,jiangcheng,,
街道,狮山街道,shishan,dongcheng,,
社区,狮城社区,shicheng,shishan,wangfang,王芳
"""


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


def test_from_an_empty_database_to_a_case_with_commands_alone(database: None, tmp_path: Path) -> None:
    file = tmp_path / "street.csv"
    file.write_text(FILE, encoding="utf-8")
    assert "wangfang" in run("street", "create", str(file))
    assert authenticate(username="wangfang", password="") is None
    username, _name, password = run("account", "reset-password", "wangfang").strip().split("\t")
    assert authenticate(username=username, password=password) is not None
    password = (
        run("account", "create", "limin", "--name", "李敏", "--tenant", "shicheng").strip().split("\t")[2]
    )
    run("post", "appoint", "--tenant", "shicheng", "--role", "community_clerk", "--user", "limin")
    assert authenticate(username="limin", password=password) is not None
    community = Tenant.objects.get(slug="shicheng")
    member = make_member(community)
    clerk = actor_for(User.objects.get(username="limin"))
    with inside(community):
        assert start(FLOW, actor=clerk, data=nomination(member)).is_open


def test_a_bad_file_is_reported_by_row_and_column(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "street.csv"
    file.write_text(",".join(COLUMNS) + "\n街道,东湖街道,accounts,district,,\n", encoding="gb18030")
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("street", "create", str(file), stdout=output)
    assert output.getvalue().startswith("2\t地址标识\t")
    with pytest.raises(CommandError):
        call_command("street", "create", str(tmp_path / "missing.csv"))
    assert not Tenant.objects.filter(name="东湖街道").exists()


def test_the_template_needs_its_district_and_nothing_else(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "street.xlsx"
    run("street", "template", str(file))
    with pytest.raises(CommandError):
        run("street", "template", str(file))
    assert _problems(file).startswith("2\t上级\t")
    with as_owner():
        Tenant.objects.filter(pk=cast.district.pk).update(slug="dongcheng")
    assert "示例街道" in run("street", "create", str(file))


def test_a_command_may_act_as_a_person_with_that_persons_rights(cast: Cast) -> None:
    with pytest.raises(CommandError):
        run("community", "rename", "shicheng", "新社区", "--as", "zhaoqiang")
    assert fresh(cast.shicheng).name == "狮城社区"
    keeper = administrator(cast.shishan, Role.SYSTEM_ADMIN, "xitong")
    run("community", "rename", "shicheng", "新社区", "--as", "xitong")
    assert last_event(cast.shicheng).actor_id == keeper.user_id


def test_moving_closing_posts_and_parameters_have_their_commands(cast: Cast) -> None:
    run("community", "move", "shicheng", "--to", "yuntai")
    run("community", "close", "dongshanbei")
    run(
        "post",
        "hand-over",
        "--tenant",
        "shicheng",
        "--role",
        "community_clerk",
        "--from-user",
        "limin",
        "--to-user",
        "chenjing",
        "--last-day",
        "2099-12-31",
    )
    run(
        "post",
        "end",
        "--tenant",
        "shicheng",
        "--role",
        "community_secretary",
        "--user",
        "wangfang",
        "--on",
        "2099-12-31",
    )
    assert "2099-12-31" in run("post", "list", "--tenant", "shicheng")
    run("account", "suspend", "sunli", "--reason", "离职")
    run("account", "resume", "sunli")
    run("parameter", "set", "notice.days_award", "6", "--tenant", "yuntai")
    assert "6" in run("parameter", "list", "--tenant", "shicheng")
    assert "云台街道" in run("parameter", "explain", "notice.days_award", "--tenant", "shicheng")
    run("parameter", "inherit", "notice.days_award", "--tenant", "yuntai")
    assert (fresh(cast.shicheng).street_id, fresh(cast.dongshanbei).is_open) == (cast.yuntai.pk, False)


@pytest.mark.parametrize(
    "command",
    [
        ("community", "close", "nowhere"),
        ("post", "appoint", "--tenant", "shicheng", "--role", "community_clerk", "--user", "nobody"),
        ("post", "appoint", "--tenant", "shicheng", "--role", "street_officer", "--user", "limin"),
        ("account", "suspend", "nobody", "--reason", "x"),
        ("parameter", "set", "no.such", "1", "--tenant", "shicheng"),
    ],
)
def test_what_does_not_exist_is_said_in_a_sentence(cast: Cast, command: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match=r"\w"):
        run(*command)


def _problems(file: Path) -> str:
    output = StringIO()
    with pytest.raises(CommandError):
        call_command("street", "create", str(file), stdout=output)
    return output.getvalue()


def test_the_example_of_the_guide_is_created_as_it_stands(database: None, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/how-to/set-up-a-street.md").read_text(encoding="utf-8")
    example = next(part for part in guide.split("```") if part.lstrip().startswith(",".join(COLUMNS)))
    file = tmp_path / "street.csv"
    file.write_text(example.strip(), encoding="utf-8")
    assert "sunli wangfang" in run("street", "create", str(file))
    assert set(Role.values) >= {word for word in guide.split("`") if word.endswith(("_admin", "_officer"))}
