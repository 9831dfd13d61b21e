"""What the isolation tests work with: the world of `world.py`, and an eye that sees every row."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cast import Cast
from tests.permissions.world import Eye, World, make_world


@pytest.fixture
def world(cast: Cast) -> World:
    return make_world(cast)


@pytest.fixture
def eye(database: None) -> Iterator[Eye]:
    eye = Eye()
    yield eye
    eye.close()
