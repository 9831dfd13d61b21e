"""Parameters of the procedures: their defaults, their bounds, and how the levels' settings combine.

A case pins the values it was accepted under, so a later change never alters a running case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How firm a default is."""

    NATIONAL = "national"
    USUAL = "usual"
    LOCAL = "local"


class Tighter(StrEnum):
    """Which way a value is stricter. A fixed one is the same for everybody and cannot be set."""

    LOWER = "lower"
    HIGHER = "higher"
    FIXED = "fixed"


@dataclass(frozen=True)
class Parameter:
    """One number of a procedure; shares are in percent, periods in working days."""

    id: str
    default: int
    minimum: int
    maximum: int
    mark: Mark
    meaning: str
    tighter: Tighter = Tighter.LOWER

    @property
    def is_fixed(self) -> bool:
        return self.tighter is Tighter.FIXED or self.minimum == self.maximum

    def tightest(self, one: int, other: int) -> int:
        return max(one, other) if self.tighter is Tighter.HIGHER else min(one, other)


AWARD_PARAMETERS = (
    Parameter("award.max_share_member", 5, 1, 10, Mark.LOCAL, "nominees, in percent of the full members"),
    Parameter(
        "notice.days_award",
        5,
        5,
        7,
        Mark.USUAL,
        "length of each public notice, in working days",
        Tighter.HIGHER,
    ),
    Parameter(
        "resolution.pass_percent",
        50,
        50,
        50,
        Mark.NATIONAL,
        "votes needed are more than this share",
        Tighter.FIXED,
    ),
    Parameter("award.summary_characters", 200, 50, 200, Mark.LOCAL, "length of the summary for the notice"),
    Parameter("award.deeds_characters", 1500, 300, 1500, Mark.LOCAL, "length of the main deeds"),
)


@dataclass(frozen=True)
class Bounds:
    """The values that one level may set."""

    minimum: int
    maximum: int

    def allow(self, value: int) -> bool:
        return self.minimum <= value <= self.maximum


@dataclass(frozen=True)
class InForce:
    """A value in force and the level that set it, counted from the top; None is the default."""

    value: int
    level: int | None


def in_force(parameter: Parameter, settings: Sequence[int | None]) -> InForce:
    """Return what is in force at the end of a line of levels.

    Arguments: `settings` has what each level sets, the topmost first; None where a level sets nothing.
    The topmost level replaces the default, inside the parameter's own bounds; each one below can only
    tighten, so a setting that is looser than what comes from above has no effect.
    """
    result = InForce(parameter.default, None)
    if parameter.is_fixed:
        return result
    for level, setting in enumerate(settings):
        if setting is None:
            continue
        kept = min(max(setting, parameter.minimum), parameter.maximum)
        if level == 0 or parameter.tightest(result.value, kept) != result.value:
            result = InForce(kept, level)
    return result


def bounds(parameter: Parameter, above: Sequence[int | None], *, is_top: bool) -> Bounds:
    """Return what a level may set below the settings of `above`, the topmost first."""
    if parameter.is_fixed:
        return Bounds(parameter.default, parameter.default)
    if is_top:
        return Bounds(parameter.minimum, parameter.maximum)
    limit = in_force(parameter, above).value
    if parameter.tighter is Tighter.HIGHER:
        return Bounds(limit, parameter.maximum)
    return Bounds(parameter.minimum, limit)


def pinned(parameters: tuple[Parameter, ...]) -> dict[str, int]:
    """Return the values that a case has where no level has set anything."""
    return {parameter.id: parameter.default for parameter in parameters}


def value(values: Mapping[str, int], parameter_id: str) -> int:
    """Return a case's value; a case always has every parameter of its flow."""
    return values[parameter_id]
