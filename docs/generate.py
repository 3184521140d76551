"""Rewrites the generated parts of docs/: ``python -m docs.generate``; ``--check`` only says what is stale.

A generated part stands between ``<!-- generated: NAME -->`` and ``<!-- end of NAME -->``.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer
from fastapi import FastAPI

import tongke
from tongke.api.v1 import routers
from tongke.config import Settings
from tongke.errors import TongkeError
from tongke.locale.compile import merged
from tongke.main.cli import app
from tongke.main.doctor.examination import CHECKS

HERE = Path(__file__).parent
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end of \2 -->)", re.DOTALL)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def settings_table() -> str:
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in {"", None} else f"`{field.default}`"
        rows.append((f"`TONGKE_{name.upper()}`", field.description or "", default))
    return table(("Setting", "Meaning", "Default"), rows)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its whole name."""
    waiting: list[tuple[str, Any]] = [("tongke", typer.main.get_command(app))]
    while waiting:
        name, command = waiting.pop(0)
        children = getattr(command, "commands", None)
        if children is None:
            yield name, command
        else:
            waiting += [(f"{name} {child}", children[child]) for child in sorted(children)]


def commands_table() -> str:
    rows = []
    for name, command in sorted(commands()):
        shown = [_shown(parameter) for parameter in command.params if parameter.name != "help"]
        meaning = inspect.cleandoc(command.help or "").split("\n")[0]
        rows.append((f"`{' '.join([name, *shown])}`", meaning))
    return table(("Command", "What it does"), rows)


def _shown(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    option = max(parameter.opts, key=len)
    text = option if parameter.is_flag else f"{option} {_values(parameter)}"
    return text if parameter.required else f"[{text}]"


def _values(parameter: Any) -> str:
    kind = parameter.type_descriptor.annotation
    is_choice = isinstance(kind, type) and issubclass(kind, StrEnum)
    return "|".join(choice.value for choice in kind) if is_choice else str(parameter.name).upper()


def errors() -> list[type[TongkeError]]:
    """Every error a person or a program can be told about, wherever it is defined."""
    for module in pkgutil.walk_packages(tongke.__path__, "tongke."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, waiting = {TongkeError}, [TongkeError]
    while waiting:
        children = set(waiting.pop().__subclasses__()) - found
        found |= children
        waiting += children
    return sorted(found, key=lambda kind: (kind.status, kind.code))


def problems_table() -> str:
    english = merged("en")
    rows = {}
    for kind in errors():
        translated = english.get(kind.title.source)
        meaning = inspect.cleandoc(kind.__doc__ or "").split("\n")[0]
        title = f"{kind.title.source} · {translated.string if translated else ''}"
        rows.setdefault(kind.code, (f"`{kind.code}`", str(kind.status), title, meaning))
    return table(("Code", "Status", "Title", "Meaning"), list(rows.values()))


def doors_table() -> str:
    """Every documented door of the HTTP API."""
    bare = FastAPI()
    for router in routers():
        bare.include_router(router)
    rows = []
    for path, operations in bare.openapi()["paths"].items():
        for method, operation in operations.items():
            told = operation.get("description") or operation["summary"]
            rows.append((f"`{method.upper()} {path}`", inspect.cleandoc(told).split("\n")[0]))
    return table(("Door", "What it does"), sorted(rows, key=lambda row: row[0].split()[1]))


def checks_table() -> str:
    rows = []
    for name, check in CHECKS.items():
        rows.append((f"`{name}`", inspect.cleandoc(check.__doc__ or "").split("\n")[0]))
    return table(("Check", "What is looked at"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "settings": settings_table,
    "commands": commands_table,
    "problems": problems_table,
    "doors": doors_table,
    "checks": checks_table,
}


def rewritten(text: str) -> str:
    return PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", text)


def outputs() -> dict[Path, str]:
    """Every file with generated text, and what it should say."""
    return {path: rewritten(path.read_text(encoding="utf-8")) for path in sorted(HERE.glob("*.md"))}


def main() -> int:
    stale = []
    for path, text in outputs().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    print("\n".join(stale) or "current")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
