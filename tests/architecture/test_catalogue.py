"""The Chinese catalogue is complete, compiled, and holds every text of the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path

from tests.web.catalogue import FOLDER, entries

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("audit", "tenants", "registry", "workflows", "web", "graphql/api", "config", "demo")
SINGULAR = {"_", "gettext", "gettext_lazy", "pgettext"}
PLURAL = {"ngettext", "ngettext_lazy"}
PLACE = re.compile(r"%\((\w+)\)s")
TRANSLATE = re.compile(r"{%-?\s*translate\s+(?:\"([^\"]+)\"|'([^']+)')")
BLOCK = re.compile(
    r"{%\s*blocktranslate\b.*?%}(.*?)(?:{%\s*plural\s*%}.*?)?{%\s*endblocktranslate\s*%}", re.S
)


def test_every_text_is_translated_and_none_is_guessed() -> None:
    assert [entry.msgid for entry in entries() if not entry.msgstr or entry.is_fuzzy] == []


def test_a_translation_fills_in_the_same_places() -> None:
    for entry in entries():
        assert set(PLACE.findall(entry.msgid)) == set(PLACE.findall(entry.msgstr)), entry.msgid


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for entry in entries():
        said = (
            compiled.ngettext(entry.msgid, entry.plural, 5) if entry.plural else compiled.gettext(entry.msgid)
        )
        assert said == entry.msgstr, f"Run `make messages`: {entry.msgid}"
    compiled_ids = {key[0] if isinstance(key, tuple) else key for key in compiled._catalog}  # type: ignore[attr-defined]
    assert compiled_ids - {""} == {entry.msgid for entry in entries()}


def test_every_text_of_the_sources_is_in_the_catalogue() -> None:
    known = {entry.msgid for entry in entries()}
    missing = {text for text in (*_in_python(), *_in_templates()) if text not in known}
    assert not missing, "Run `make messages` and translate what is new."


def test_nothing_in_the_catalogue_has_left_the_sources() -> None:
    used = {*_in_python(), *_in_templates()}
    assert [entry.msgid for entry in entries() if entry.msgid not in used] == []


def _in_python() -> Iterator[str]:
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield from _texts(node)


def _texts(call: ast.Call) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in SINGULAR | PLURAL and call.args:
        first = call.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def _in_templates() -> Iterator[str]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text("utf-8")
        for double, single in TRANSLATE.findall(text):
            yield double or single
        for block in BLOCK.findall(text):
            yield re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", block.replace("%", "%%"))
