"""The layout of a flow's chart, computed by viewflow, as plain data to draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any

from viewflow.workflow.chart import calc_layout_data

from workflows.engine.flow import CaseFlow
from workflows.models import Task

STATES = {"NEW": "open", "ASSIGNED": "open", "SCHEDULED": "waiting", "DONE": "done", "CANCELED": "closed"}
"""What a step's status means on a chart; a step that the case has not been in has no state."""

_KINDS = {
    "HUMAN": "task",
    "FUNCTION": "task",
    "TIMER": "timer",
    "EXCLUSIVE_GATEWAY": "gateway",
}
_SIZES = {"task": (124, 62), "timer": (44, 44), "gateway": (44, 44), "event": (40, 40)}


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
    """An edge as a list of corners; `answer` is next, cond_true or cond_false."""

    points: tuple[tuple[int, int], ...]
    answer: str


@dataclass(frozen=True)
class Chart:
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def chart(flow: type[CaseFlow], states: Mapping[str, str]) -> Chart:
    """Return the flow's chart with the state of each step of one case."""
    plain = _layout(flow)  # type: ignore[arg-type]  # a class is hashable
    boxes = tuple(replace(box, state=STATES.get(states.get(box.name, ""), "")) for box in plain.boxes)
    return replace(plain, boxes=boxes)


def states_of_round(flow: type[CaseFlow], steps: Mapping[str, Task]) -> dict[str, str]:
    """Return each step's status since the case was last sent back; corrections count as the beginning."""
    revised = steps.get(flow.revision)
    if revised is None:
        return {name: step.status for name, step in steps.items()}
    later = {name: step.status for name, step in steps.items() if step.pk > revised.pk}
    return {**later, "start": revised.status}


@cache
def _layout(flow: type[CaseFlow]) -> Chart:
    grid = calc_layout_data(SimpleNamespace(instance=SimpleNamespace(nodes=lambda: _drawn(flow))))
    boxes = tuple(
        Box(
            name=cell.node.name,
            title=cell.node.title,
            kind=cell.node.kind,
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


class _Node:
    """A node as viewflow's layout asks for it, in our sizes."""

    def __init__(self, node: Any) -> None:
        self.name: str = node.name
        self.title = node.task_title
        self.task_title = ""  # viewflow would break the title for its own sizes
        self.kind = _KINDS.get(node.task_type, "event")
        width, height = _SIZES[self.kind]
        self.shape = {"width": width, "height": height, "svg": ""}
        self.edges: list[Any] = []

    def _incoming(self) -> list[Any]:
        return [edge for edge in self.edges if edge.dst is self]

    def _outgoing(self) -> list[Any]:
        return [edge for edge in self.edges if edge.src is self]


def _drawn(flow: type[CaseFlow]) -> list[_Node]:
    """Return the nodes that a chart shows; the step for corrections lies beside every path."""
    kept = [
        node for node in flow.instance.nodes() if node.task_type == "HUMAN_START" or any(node._incoming())
    ]
    nodes = {node: _Node(node) for node in kept}
    for node in kept:
        for edge in node._outgoing():
            drawn = SimpleNamespace(
                src=nodes[node], dst=nodes[edge.dst], label=edge.label, edge_class=edge.edge_class
            )
            nodes[node].edges.append(drawn)
            nodes[edge.dst].edges.append(drawn)
    return list(nodes.values())
