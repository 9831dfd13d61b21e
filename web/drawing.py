"""Draw a flow's chart: shapes and texts with their places, classes instead of styles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import east_asian_width

from django.utils.translation import gettext_lazy as _

from workflows.engine.chart import Box, Chart, Line, chart, states_of_round
from workflows.engine.flow import CaseFlow
from workflows.models import Task

MARGIN_X, MARGIN_TOP, MARGIN_BOTTOM = 26, 14, 22
LINE_HEIGHT = 15
TASK_UNITS, CAPTION_UNITS = 18, 10
"""How much text fits a line; a Chinese character takes two units."""

CLOSING = "？！，。、；：）》」?!,.;:)"
"""What never begins a line."""

STATE_WORDS = {
    "open": _("Being handled"),
    "waiting": _("Running"),
    "done": _("Completed"),
    "closed": _("Returned"),
    "": _("Not reached"),
}


@dataclass(frozen=True)
class Text:
    x: int
    y: int
    words: str
    anchor: str = "middle"
    kind: str = "title"


@dataclass(frozen=True)
class Shape:
    box: Box
    points: str
    texts: list[Text]
    state: str
    words: Any

    @property
    def centre(self) -> tuple[int, int]:
        return self.box.x + self.box.width // 2, self.box.y + self.box.height // 2

    @property
    def radius(self) -> int:
        return self.box.width // 2


@dataclass(frozen=True)
class Arrow:
    points: str
    label: Text | None


@dataclass(frozen=True)
class Drawing:
    view_box: str
    width: int
    height: int
    shapes: list[Shape]
    arrows: list[Arrow]
    steps: list[Shape]
    """The same in reading order, without the questions: for the list beside the picture."""


def draw(flow: type[CaseFlow], steps: Mapping[str, Task]) -> Drawing:
    """Return the chart of a flow with the state of the case's latest round."""
    plan = chart(flow, states_of_round(flow, steps))
    shapes = [_shape(box, plan) for box in plan.boxes]
    width, height = plan.width + 2 * MARGIN_X, plan.height + MARGIN_TOP + MARGIN_BOTTOM
    listed = [shape for shape in shapes if shape.box.kind != "gateway" and _is_listed(shape)]
    return Drawing(
        view_box=f"{-MARGIN_X} {-MARGIN_TOP} {width} {height}",
        width=width,
        height=height,
        shapes=shapes,
        arrows=[_arrow(line) for line in plan.lines],
        steps=sorted(listed, key=lambda shape: shape.box.x),
    )


def _is_listed(shape: Shape) -> bool:
    # Of the possible ends, only the one that was reached says something.
    return shape.box.kind != "event" or shape.state != "" or shape.box.name == "start"


def _shape(box: Box, plan: Chart) -> Shape:
    right, bottom = box.x + box.width, box.y + box.height
    middle_x, middle_y = box.x + box.width // 2, box.y + box.height // 2
    diamond = f"{middle_x},{box.y} {right},{middle_y} {middle_x},{bottom} {box.x},{middle_y}"
    texts = _inside(box) if box.kind == "task" else _beside(box, plan)
    return Shape(box, diamond, texts, box.state, STATE_WORDS[box.state])


def _inside(box: Box) -> list[Text]:
    lines = wrapped(str(box.title), TASK_UNITS)
    state = str(STATE_WORDS[box.state]) if box.state else ""
    rows = len(lines) + bool(state)
    top = box.y + (box.height - rows * LINE_HEIGHT) // 2 + 12
    middle = box.x + box.width // 2
    texts = [Text(middle, top + n * LINE_HEIGHT, words) for n, words in enumerate(lines)]
    if state:
        texts.append(Text(middle, top + len(lines) * LINE_HEIGHT, state, kind="state"))
    return texts


def _beside(box: Box, plan: Chart) -> list[Text]:
    lines = wrapped(str(box.title), CAPTION_UNITS)
    middle_x, middle_y = box.x + box.width // 2, box.y + box.height // 2
    leaves_below = any(line.points[0][0] == middle_x and _goes_down(line, box) for line in plan.lines)
    if leaves_below:
        x, y, anchor = box.x + box.width + 6, middle_y + 4, "start"
    else:
        x, y, anchor = middle_x, box.y + box.height + 15, "middle"
    texts = [Text(x, y + n * LINE_HEIGHT, words, anchor) for n, words in enumerate(lines)]
    if box.state and box.kind != "gateway":
        texts.append(Text(x, y + len(lines) * LINE_HEIGHT, str(STATE_WORDS[box.state]), anchor, "state"))
    return texts


def _goes_down(line: Line, box: Box) -> bool:
    return 0 <= line.points[0][1] - (box.y + box.height) < 8 and line.points[1][1] > line.points[0][1]


def _arrow(line: Line) -> Arrow:
    points = " ".join(f"{x},{y}" for x, y in line.points)
    answers = {"cond_true": _("yes"), "cond_false": _("no")}
    if line.answer not in answers:
        return Arrow(points, None)
    (x, y), (next_x, next_y) = line.points[0], line.points[1]
    words = str(answers[line.answer])
    if y == next_y:
        return Arrow(points, Text((x + next_x) // 2, y - 6, words, kind="answer"))
    away = 14 if next_y > y else -6
    return Arrow(points, Text(x + 5, y + away, words, "start", "answer"))


def wrapped(text: str, units: int) -> list[str]:
    """Break a title into lines; between any two Chinese characters, elsewhere at spaces."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and _units(line + piece.rstrip()) > units:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    """Return the parts between which a line may be broken; a space stays with the word before it."""
    pieces: list[str] = []
    for character in text:
        last = pieces[-1][-1] if pieces else ""
        within_word = last not in ("", " ") and not _is_wide(last) and not _is_wide(character)
        if within_word or (pieces and character in CLOSING):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"


def _units(text: str) -> int:
    return sum(2 if _is_wide(character) else 1 for character in text)
