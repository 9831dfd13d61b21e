"""`graphql/` is a source folder: as a package it would stand before graphql-core."""

from __future__ import annotations

from pathlib import Path

import graphql
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("folder", ["graphql", "graphql/operations", "locale"])
def test_the_folder_is_no_package(folder: str) -> None:
    assert not list((ROOT / folder).glob("__init__.*"))


def test_the_imported_graphql_is_graphql_core() -> None:
    assert graphql.__file__ is not None
    assert ROOT / "graphql" not in Path(graphql.__file__).parents
    assert callable(graphql.parse)


def test_the_api_is_imported_from_the_source_folder() -> None:
    import api

    assert api.__file__ is not None
    assert Path(api.__file__).parent == ROOT / "graphql" / "api"
