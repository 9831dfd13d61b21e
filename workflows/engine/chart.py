"""The layout of a flow's chart, computed by viewflow, as plain data to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from viewflow.workflow.chart import calc_layout_data

from workflows.engine.flow import CaseFlow

_STATES = {"NEW": "open", "ASSIGNED": "open", "SCHEDULED": "open", "DONE": "done", "CANCELED": "closed"}


@dataclass(frozen=True)
class Box:
    """A node: `kind` is event, task, timer or gateway; lengths are in pixels."""

    name: str
    title: Any
    kind: str
    x: int
    y: int
    width: int
    height: int
    state: str = ""


@dataclass(frozen=True)
class Line:
    """An edge as a list of corners."""

    points: tuple[tuple[int, int], ...]
    answer: str


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


_KINDS = {
    "HUMAN": "task",
    "FUNCTION": "task",
    "TIMER": "timer",
    "EXCLUSIVE_GATEWAY": "gateway",
}


def chart(flow: type[CaseFlow], states: Mapping[str, str]) -> Chart:
    """Return the flow's chart with the state of each step of one case."""
    plain = _layout(flow)
    boxes = tuple(
        Box(b.name, b.title, b.kind, b.x, b.y, b.width, b.height, _STATES.get(states.get(b.name, ""), ""))
        for b in plain.boxes
    )
    return Chart(plain.width, plain.height, boxes, plain.lines)


@cache
def _layout(flow: type[CaseFlow]) -> Chart:
    grid = calc_layout_data(flow)
    boxes = tuple(
        Box(
            name=cell.node.name,
            title=cell.node.task_title,
            kind=_KINDS.get(cell.node.task_type, "event"),
            x=int(cell.shape.x),
            y=int(cell.shape.y),
            width=int(cell.shape.width),
            height=int(cell.shape.height),
        )
        for cell in grid.cells
    )
    lines = tuple(
        Line(tuple((int(x), int(y)) for x, y in edge.segments), edge.edge_class) for edge in grid.edges
    )
    return Chart(int(grid.width), int(grid.height), boxes, lines)
