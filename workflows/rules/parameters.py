"""Parameters of the procedures: their defaults, who may set them, and where they come from.

A case pins the values it was accepted under, so a later change never alters a running case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How firm a default is."""

    NATIONAL = "national"
    USUAL = "usual"
    LOCAL = "local"


@dataclass(frozen=True)
class Parameter:
    """One number of a procedure; shares are in percent, periods in working days."""

    id: str
    default: int
    minimum: int
    maximum: int
    mark: Mark
    meaning: str


AWARD_PARAMETERS = (
    Parameter("award.max_share_member", 5, 1, 10, Mark.LOCAL, "nominees, in percent of the full members"),
    Parameter("notice.days_award", 5, 5, 7, Mark.USUAL, "length of each public notice, in working days"),
    Parameter("resolution.pass_percent", 50, 50, 50, Mark.NATIONAL, "votes needed are more than this share"),
    Parameter("award.summary_characters", 200, 50, 200, Mark.LOCAL, "length of the summary for the notice"),
    Parameter("award.deeds_characters", 1500, 300, 1500, Mark.LOCAL, "length of the main deeds"),
)


def pinned(parameters: tuple[Parameter, ...]) -> dict[str, int]:
    """Return the values that a case accepted now keeps."""
    return {parameter.id: parameter.default for parameter in parameters}


def value(values: Mapping[str, int], parameter_id: str) -> int:
    """Return a case's value; a case always has every parameter of its flow."""
    return values[parameter_id]
