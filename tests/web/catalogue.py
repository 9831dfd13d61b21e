"""Read a gettext catalogue's source (.po), as far as ours goes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "locale" / "zh_Hans" / "LC_MESSAGES"


@dataclass(frozen=True)
class Entry:
    msgid: str
    plural: str
    msgstr: str
    is_fuzzy: bool


def entries(folder: Path = FOLDER) -> list[Entry]:
    """Return the catalogue's entries, without its header."""
    blocks = (folder / "django.po").read_text("utf-8").split("\n\n")
    found = [_entry(block) for block in blocks if not block.startswith("#~")]
    return [entry for entry in found if entry.msgid]


def _entry(block: str) -> Entry:
    fields = dict(_fields(block))
    msgstr = fields.get("msgstr", "") or fields.get("msgstr[0]", "")
    flags = [line for line in block.splitlines() if line.startswith("#,")]
    return Entry(fields["msgid"], fields.get("msgid_plural", ""), msgstr, "fuzzy" in " ".join(flags))


def _fields(block: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(r'^(\w+(?:\[0\])?)((?:\s*"(?:[^"\\]|\\.)*")+)', block, re.MULTILINE):
        yield match[1], ast.literal_eval(f"({match[2].strip()})")
