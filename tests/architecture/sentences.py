"""Every sentence of the program that a person reads: from templates and from ``say(…)`` in Python."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "frontend" / "tongke_web").rglob("*.html"))
_PYTHON = ("backend/tongke", "frontend/tongke_web", "indexer/tongke_indexer")
OPTIONS = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


def in_templates() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """(where, msgid) for each ``_``, ``ngettext`` and ``{% trans %}``."""
    for path in TEMPLATES:
        with path.open("rb") as stream:
            for line, _function, message, _comments in babel_extract(stream, ("_", "gettext", "ngettext"), (), OPTIONS):
                said = tuple(m for m in message if m is not None) if isinstance(message, tuple) else (message,)
                yield f"{path.relative_to(ROOT)}:{line}", said if len(said) > 1 else said[0]


def in_python() -> Iterator[tuple[str, str]]:
    """(where, msgid) for each ``say("…")``; a ``say`` of anything but a literal is an error."""
    for folder in _PYTHON:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    words = node.args[0]
                    assert isinstance(words, ast.Constant), f"{where}: not a literal"
                    assert isinstance(words.value, str), f"{where}: not a sentence"
                    yield where, words.value


def environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True, autoescape=True)
