"""The programs of the cast: each acts as one person at the place of their post."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.api.caller import Program, program
from tests.cast import Cast, make_member, nomination


@pytest.fixture(autouse=True)
def no_collected_files(settings: Settings) -> None:
    """Serve no collected static files: the suite collects none, and a missing folder is a warning."""
    settings.STATIC_ROOT = None


@pytest.fixture
def clerk(cast: Cast) -> Program:
    return program(cast.li_min, cast.shicheng)


@pytest.fixture
def secretary(cast: Cast) -> Program:
    return program(cast.wang_fang, cast.shicheng)


@pytest.fixture
def officer(cast: Cast) -> Program:
    return program(cast.zhao_qiang, cast.shishan)


@pytest.fixture
def neighbour(cast: Cast) -> Program:
    """The clerk of the sibling community."""
    return program(cast.chen_jing, cast.dongshanbei)


@pytest.fixture
def foreign_officer(cast: Cast) -> Program:
    """The officer of the other street."""
    return program(cast.sun_li, cast.yuntai)


@pytest.fixture
def case_id(cast: Cast, clerk: Program) -> str:
    """A case of Shicheng that waits for its eligibility check."""
    member = make_member(cast.shicheng)
    case = clerk.done("start", flow="outstanding-member", data=nomination(member))
    return str(case["id"])


@pytest.fixture
def step_id(clerk: Program, case_id: str) -> str:
    """The eligibility check that the case waits for."""
    return str(clerk.inbox()[0]["id"])
