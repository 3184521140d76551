"""Writes framework files: plain JSON, one item a line, codes that never change once published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Node = dict[str, Any]


def write_framework(path: Path, head: dict[str, Any], items: list[Node]) -> int:
    """Give every item a code, keep those already published in ``path``; the number of items written."""
    published = _published_codes(path)
    for node in items:
        _give_codes(node, (), "", published)
    lines = ["{", *(f" {_json(key)}: {_json(value)}," for key, value in head.items()), ' "items": [']
    lines += [*_lines(items, 2), " ]", "}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sum(1 for node in items for _ in _walk(node))


def _published_codes(path: Path) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = {}

    def collect(node: Node, above: tuple[str, ...]) -> None:
        trail = (*above, node["title"])
        found.setdefault(trail, []).append(node["code"])
        for child in node.get("items", []):
            collect(child, trail)

    if path.exists():
        for node in json.loads(path.read_text(encoding="utf-8"))["items"]:
            collect(node, ())
    return found


def _give_codes(node: Node, above: tuple[str, ...], prefix: str, published: dict[tuple[str, ...], list[str]]) -> None:
    trail = (*above, node["title"])
    known = published.get(trail)
    if known:
        node["code"] = known.pop(0)
    elif "code" not in node:
        node["code"] = prefix
    children = node.get("items", [])
    taken = {code for child in children for code in published.get((*trail, child["title"]), [])}
    number = 0
    for child in children:
        if not published.get((*trail, child["title"])):
            number += 1
            while f"{node['code']}.{number}" in taken:
                number += 1
        _give_codes(child, trail, f"{node['code']}.{number}", published)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("items", []):
        yield from _walk(child)


def _lines(nodes: list[Node], indent: int) -> Iterator[str]:
    for position, node in enumerate(nodes):
        comma = "," if position + 1 < len(nodes) else ""
        own = ", ".join(f"{_json(k)}: {_json(node[k])}" for k in _ordered(node))
        children = node.get("items", [])
        if not children:
            yield " " * indent + "{" + own + "}" + comma
            continue
        yield " " * indent + "{" + own + ', "items": ['
        yield from _lines(children, indent + 1)
        yield " " * indent + "]}" + comma


def _ordered(node: Node) -> list[str]:
    return ["code", "type", "title", *(k for k in node if k not in {"code", "type", "title", "items"})]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
