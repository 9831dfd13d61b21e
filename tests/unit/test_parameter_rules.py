"""How the levels' settings combine, over all settings."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from workflows.rules.parameters import (
    AWARD_PARAMETERS,
    Mark,
    Parameter,
    Tighter,
    bounds,
    in_force,
    pinned,
)

LOWER = Parameter("share", 5, 1, 10, Mark.LOCAL, "a share", Tighter.LOWER)
HIGHER = Parameter("days", 5, 3, 9, Mark.USUAL, "a period", Tighter.HIGHER)
FIXED = Parameter("majority", 50, 50, 50, Mark.NATIONAL, "a majority", Tighter.FIXED)

parameters = st.sampled_from([LOWER, HIGHER, FIXED, *AWARD_PARAMETERS])
lines = st.lists(st.none() | st.integers(-5, 20), min_size=1, max_size=5)


def is_at_least_as_tight(parameter: Parameter, value: int, other: int) -> bool:
    return parameter.tightest(value, other) == value


@given(parameters, lines, st.none() | st.integers(-5, 20))
def test_a_lower_level_never_loosens(parameter: Parameter, above: list[int | None], own: int | None) -> None:
    upper = in_force(parameter, above).value
    assert is_at_least_as_tight(parameter, in_force(parameter, [*above, own]).value, upper)


@given(parameters, lines)
def test_whatever_is_set_the_value_stays_inside_the_parameters_own_bounds(
    parameter: Parameter, line: list[int | None]
) -> None:
    assert parameter.minimum <= in_force(parameter, line).value <= parameter.maximum


@given(parameters, lines, st.integers(-5, 20))
def test_what_the_bounds_allow_is_in_force_once_set_and_what_they_refuse_is_not(
    parameter: Parameter, above: list[int | None], value: int
) -> None:
    allowed = bounds(parameter, above, is_top=False).allow(value)
    assert (in_force(parameter, [*above, value]).value == value) == allowed


@given(parameters, lines, st.integers(0, 4), st.integers(-5, 20))
def test_a_later_tightening_above_tightens_everything_below(
    parameter: Parameter, line: list[int | None], at: int, value: int
) -> None:
    at = min(at, len(line) - 1)
    tightened = [*line[:at], value, *line[at + 1 :]]
    limit = in_force(parameter, tightened[: at + 1]).value
    assert is_at_least_as_tight(parameter, in_force(parameter, tightened).value, limit)


@given(parameters, lines)
def test_the_level_that_decided_sets_what_is_in_force(parameter: Parameter, line: list[int | None]) -> None:
    found = in_force(parameter, line)
    if found.level is None:
        assert found.value == parameter.default
    else:
        assert line[found.level] is not None
        assert in_force(parameter, line[: found.level + 1]).value == found.value


@given(lines)
def test_a_fixed_parameter_is_the_same_everywhere(line: list[int | None]) -> None:
    assert in_force(FIXED, line).value == 50


def test_the_topmost_level_may_also_loosen_and_the_ones_below_only_tighten() -> None:
    assert bounds(LOWER, [], is_top=True).allow(10)
    assert in_force(LOWER, [10, None, None]).value == 10
    assert in_force(LOWER, [None, 10, None]).value == 5
    assert in_force(LOWER, [10, 7, 8]).value == 7
    assert in_force(HIGHER, [4, 6, 5]).value == 6


def test_without_settings_the_defaults_hold() -> None:
    values = pinned(AWARD_PARAMETERS)
    assert values == {p.id: in_force(p, [None, None, None, None]).value for p in AWARD_PARAMETERS}


def test_the_reference_page_has_every_parameter_with_its_default_and_bounds() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/parameters.md").read_text(encoding="utf-8")
    for p in AWARD_PARAMETERS:
        row = next(line for line in page.splitlines() if line.startswith(f"| `{p.id}`"))
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        allowed = "national" if p.is_fixed else f"{p.minimum} to {p.maximum}"
        assert cells[2:] == [str(p.default), allowed, p.tighter.value]
