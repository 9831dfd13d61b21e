"""The chart as it is drawn."""

from __future__ import annotations

import pytest

from web.documents import masked
from web.drawing import draw, wrapped
from workflows.flows import FLOWS

FLOW = FLOWS["outstanding-member"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("资格审核", ["资格审核"]),
        ("街道党工委会议纪要整理", ["街道党工委", "会议纪要整", "理"]),
        ("社区同意吗？好", ["社区同意", "吗？好"]),
        ("Street working committee", ["Street", "working", "committee"]),
        ("", []),
    ],
)
def test_titles_break_between_chinese_characters_and_at_spaces(text: str, lines: list[str]) -> None:
    assert wrapped(text, 10) == lines


def test_the_step_for_corrections_is_not_drawn_and_no_box_covers_another() -> None:
    boxes = [shape.box for shape in draw(FLOW, {}).shapes]
    assert "revise" not in {box.name for box in boxes}
    for one in boxes:
        for other in boxes:
            apart = (
                one.x + one.width <= other.x
                or other.x + other.width <= one.x
                or one.y + one.height <= other.y
                or other.y + other.height <= one.y
            )
            assert one is other or apart


def test_the_list_beside_names_the_steps_in_their_order() -> None:
    names = [shape.box.name for shape in draw(FLOW, {}).steps]
    assert names == [
        "start",
        "eligibility",
        "community_review",
        "community_notice",
        "street_meeting",
        "street_notice",
        "decision",
        "award",
    ]


@pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), ("欧阳修", "欧**"), ("", "")])
def test_a_masked_name_keeps_the_first_character_only(name: str, shown: str) -> None:
    assert masked(name) == shown
