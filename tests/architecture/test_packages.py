"""The house keeps its shape: every package is in the contracts, every late import says why."""

from __future__ import annotations

import ast
import pkgutil
import tomllib
from pathlib import Path

import pytest

import tongke

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for root in ("backend/tongke", "frontend/tongke_web", "indexer/tongke_indexer")
    for path in (ROOT / root).rglob("*.py")
    if "versions" not in path.parts
)
OUTSIDE_THE_DOMAIN = {"api", "http", "main", "demo", "migrations", "locale", "tables", "config", "db", "errors", "i18n"}


def contracts() -> list[dict]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


def packages() -> set[str]:
    return {module.name for module in pkgutil.iter_modules(tongke.__path__) if not module.name.startswith("_")}


def test_every_package_has_its_layer() -> None:
    layers = next(c for c in contracts() if c["type"] == "layers")["layers"]
    named = {name.strip().removeprefix("tongke.") for layer in layers for name in layer.split("|")}

    assert packages() - named - {"locale"} == set()


def test_every_domain_package_is_kept_from_web_frameworks() -> None:
    sources = next(c for c in contracts() if c["name"] == "The domain knows no web framework")["source_modules"]

    assert {f"tongke.{p}" for p in packages() - OUTSIDE_THE_DOMAIN} - set(sources) == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_file_can_be_said_in_one_sentence_and_is_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(text)), "a module says in its first line what it is for"
    assert len(text.splitlines()) <= 500


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_import_inside_a_function_says_why(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    late = [
        node.lineno
        for function in ast.walk(ast.parse("\n".join(lines)))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    unexplained = [n for n in late if not _explained(lines, n)]

    assert unexplained == []


def _explained(lines: list[str], number: int) -> bool:
    """A comment on the line, or above the run of imports it belongs to."""
    if "#" in lines[number - 1]:
        return True
    above = number - 2
    while lines[above].strip().startswith(("import ", "from ")):
        above -= 1
    return lines[above].strip().startswith("#")
