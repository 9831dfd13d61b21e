"""Global ids and cursors: opaque, versioned, one spelling each."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import cursors, ids
from api.errors import InvalidCursor
from workflows.errors import NotFound
from workflows.queries import Cursor

row_ids = st.integers(1, ids.BIGGEST_ID)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.sampled_from(ids.Kind), row_ids, row_ids)
def test_an_id_says_where_its_row_is_and_fits_an_address(kind: ids.Kind, tenant: int, row: int) -> None:
    text = ids.encode(kind, tenant, row)
    assert ids.decode(kind, text) == ids.Address(tenant, row)
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(row_ids, row_ids)
def test_an_id_of_one_kind_is_none_of_another(tenant: int, row: int) -> None:
    with pytest.raises(NotFound):
        ids.decode(ids.Kind.TASK, ids.encode(ids.Kind.PROCESS, tenant, row))


@given(st.text())
def test_any_other_text_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        ids.decode(ids.Kind.TASK, text)


OTHERS = (
    "2:Task:1:1",
    "1:Task:0:1",
    "1:Task:01:1",
    "1:Task:-1:1",
    "1:Task:1",
    "1:Task:1:1:1",
    "1:Task:١:1",
    f"1:Task:1:{2**63}",
    " 1:Task:1:1",
    "1:Task:1:1\n",
    "",
    "\0",
)


@pytest.mark.parametrize("inside", OTHERS)
def test_what_encode_does_not_write_does_not_decode(inside: str) -> None:
    with pytest.raises(NotFound):
        ids.decode(ids.Kind.TASK, ids.pack(inside))


def test_an_id_has_one_spelling(subtests: pytest.Subtests) -> None:
    text = ids.encode(ids.Kind.TASK, 1, 22)
    ids.decode(ids.Kind.TASK, text)
    for other in (text + "=", text + "==", text[:-1] + chr(ord(text[-1]) + 1), text + "\n", f" {text}"):
        with subtests.test(other), pytest.raises(NotFound):
            ids.decode(ids.Kind.TASK, other)


@given(moments, row_ids)
def test_a_cursor_keeps_its_place_to_the_microsecond(at: datetime, row: int) -> None:
    assert cursors.decode(cursors.encode(at, row)) == Cursor(at, row)


@given(st.text())
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidCursor):
        cursors.decode(text)


@pytest.mark.parametrize("inside", ["1:created:99999999999999999:0", f"1:created:1:{2**63}", "0:created:1:1"])
def test_a_cursor_out_of_range_is_no_cursor(inside: str) -> None:
    with pytest.raises(InvalidCursor):
        cursors.decode(ids.pack(inside))


def test_the_last_moment_a_cursor_can_hold_is_a_moment() -> None:
    assert cursors.decode(ids.pack("1:created:99999999999999999:1")).at.year == 5138
