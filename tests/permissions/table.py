"""Read a table of expectations: a line per endpoint, a column per caller."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What each caller gets at one endpoint."""

    endpoint: str
    verb: str
    cells: dict[str, str]

    @property
    def name(self) -> str:
        return f"{self.verb} {self.endpoint}"

    @property
    def key(self) -> tuple[str, str]:
        return self.endpoint, self.verb


def read(text: str) -> list[Row]:
    """Return the rows of a table whose first line names the columns; `#` begins a comment."""
    lines = [line.split("#")[0].split() for line in text.splitlines()]
    head, *rows = [words for words in lines if words]
    callers = head[2:]
    for words in rows:
        if len(words) != len(head):
            raise ValueError(f"{' '.join(words)}: {len(words)} columns, not {len(head)}")
    return [Row(words[0], words[1], dict(zip(callers, words[2:], strict=True))) for words in rows]


def departures(endpoints: set[tuple[str, str]], rows: list[Row]) -> list[str]:
    """Return, in words, each endpoint without a row, each row without an endpoint, each row given twice."""
    keys = [row.key for row in rows]
    return [
        *(f"{verb} {name}: no row says who gets what" for name, verb in sorted(endpoints - set(keys))),
        *(f"{verb} {name}: the row's endpoint is gone" for name, verb in sorted(set(keys) - endpoints)),
        *(f"{verb} {name}: two rows" for name, verb in sorted({k for k in keys if keys.count(k) > 1})),
    ]
