"""What the folders promise: sizes, and who may import what beyond the import contracts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("config", "demo", "audit", "tenants", "registry", "workflows", "web", "graphql/api", "bench")
MODULE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 400, 50, 150


def _modules(*folders: str) -> list[Path]:
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", _modules(*PACKAGES, "tests"), ids=_name)
def test_a_module_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("path", _modules(*PACKAGES), ids=_name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text())
    functions = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    long = [f.name for f in functions if (f.end_lineno or 0) - f.lineno + 1 > FUNCTION_LINES]
    assert long == []


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=_name)
def test_a_template_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= TEMPLATE_LINES


def test_http_stays_at_the_edges() -> None:
    below = _modules("audit", "tenants", "registry", "workflows", "demo")
    assert [_name(p) for p in below if any(i.startswith("django.http") for i in _imports(p))] == []


def test_the_edges_fetch_nothing_of_a_tenant_by_themselves() -> None:
    """Fetching is checking: cases and steps are obtained through permissions and queries."""
    careless = [
        _name(path)
        for path in _modules("web", "graphql/api")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and isinstance(node.value, ast.Name)
        and node.value.id in ("Process", "Task", "Decision")
    ]
    assert careless == []


def test_nothing_installed_or_generated_is_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {".venv/", "var/", "__pycache__/"} <= set(ignored)


def test_the_lock_file_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--hash=sha256:" in lock


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
