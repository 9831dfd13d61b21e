"""The canonical bytes of the log, pinned: a change here would break every log that exists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from audit.chain import GENESIS, Entry, canonical, digest

ENTRY = Entry(
    tenant_id=5,
    seq=1,
    at=datetime(2026, 6, 1, 8, 30, 0, 123456, tzinfo=UTC),
    verb="step.decided",
    case_id=7,
    step_id=9,
    step="community_review",
    actor_id=2,
    actor_name="王芳",
    post="community_secretary",
    changes={"outcome": [None, "agreed"]},
    request_id="r-1",
)


def test_the_canonical_bytes_are_these() -> None:
    assert canonical(ENTRY).decode() == (
        '{"actor_id":2,"actor_name":"王芳","at":"2026-06-01T08:30:00.123456Z","case_id":7,'
        '"changes":{"outcome":[null,"agreed"]},"post":"community_secretary","request_id":"r-1","seq":1,'
        '"step":"community_review","step_id":9,"tenant_id":5,"verb":"step.decided"}'
    )


def test_the_digest_is_this() -> None:
    assert digest(GENESIS, ENTRY) == "e59d398dff96c7c23aa77f808d68dd8e6bf784a99049fef05cbcf98b35940af1"


def test_the_same_moment_in_another_zone_has_the_same_bytes() -> None:
    from dataclasses import replace

    shanghai = ENTRY.at.astimezone(timezone(timedelta(hours=8)))
    assert canonical(replace(ENTRY, at=shanghai)) == canonical(ENTRY)
