"""The made-up lists of the demo street."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from demo.roster import DEMO_COMMUNITIES, people, write_roster
from registry import roster_columns as columns
from registry.identity import parse
from registry.roster_sheet import read_rows
from tests.cast import Cast
from tests.registry.lists import load, workbook


def test_the_demo_street_has_as_many_members_as_the_real_one() -> None:
    own = sum(own for _, own, _ in DEMO_COMMUNITIES)
    residing = sum(residing for _, _, residing in DEMO_COMMUNITIES)
    assert (own, residing) == (387, 1_894)


def test_the_same_seed_makes_the_same_list(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_roster(tmp_path / name, own=30, residing=30, seed=7)
    assert read_rows((tmp_path / "a").read_bytes()) == read_rows((tmp_path / "b").read_bytes())


def test_different_seeds_share_nobody() -> None:
    numbers = [
        row[columns.IDENTITY_NUMBER] for seed in range(3) for row in people(own=50, residing=50, seed=seed)
    ]
    assert len(set(numbers)) == 300


def test_no_number_can_be_a_real_person_s() -> None:
    for row in people(own=100, residing=100, seed=9_999):
        assert parse(str(row[columns.IDENTITY_NUMBER])).number.startswith("00")
        assert str(row[columns.PHONE]).startswith("120")


def test_one_in_fourteen_of_its_own_members_is_probationary_and_none_of_the_others() -> None:
    rows = list(people(own=140, residing=140, seed=1))
    probationary = [row for row in rows if row[columns.STANDING] == columns.PROBATIONARY]
    assert len(probationary) == 10
    assert not any(row.get(columns.HOME_ORGANISATION) for row in probationary)
    assert sum(bool(row.get(columns.HOME_ORGANISATION)) for row in rows) == 140


def test_every_seed_makes_a_list_that_can_be_imported(cast: Cast) -> None:
    for seed in (2, 3, 4, 5):
        report = load(cast.shicheng, workbook(people(own=300, residing=300, seed=seed)))
        assert (report.imported, report.problems) == (600, [])


def test_the_module_writes_one_list_for_each_community(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "demo.roster", str(tmp_path / "out")], check=True)
    counts = {path.stem: len(read_rows(path.read_bytes())) for path in (tmp_path / "out").iterdir()}
    assert counts == {slug: own + residing for slug, own, residing in DEMO_COMMUNITIES}
