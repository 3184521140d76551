"""From items that name their parents to rows that know their place: depth, order, path, trail."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tongke.curriculum.outline import Outline, OutlineItem, id_of
from tongke.curriculum.titles import join_trail, label
from tongke.errors import Invalid
from tongke.i18n import say

MAX_DEPTH = 32
Row = dict[str, Any]


def path_mark(item_id: UUID) -> str:
    """An item's mark within paths: 60 bits of its id, enough to tell siblings apart."""
    return base64.b32encode(item_id.bytes)[:12].decode().lower()


def arrange(outline: Outline, document_id: UUID) -> list[Row]:
    """Rows of every item, parents before children, siblings in order.

    A parent that is missing makes its child a root and a circle is cut at its first item, both with a warning.
    """
    rows: dict[str, Row] = {}
    for item, parent in _in_order(outline):
        rows[item.identifier] = _row(outline, document_id, item, rows.get(parent) if parent else None)
    return _numbered(list(rows.values()))


def _in_order(outline: Outline) -> Iterator[tuple[OutlineItem, str | None]]:
    """Every item once, below the parent it really has, from the roots down."""
    children = _children(outline)
    seen: set[str] = set()
    roots = children.get(None, [])
    for place, start in enumerate([*roots, *outline.items]):
        if start.identifier in seen:
            continue
        if place >= len(roots):  # nothing led here from a root
            outline.warn(start.identifier, say("上下级关系成环，已从这一条断开。"))
        waiting: list[tuple[OutlineItem, str | None]] = [(start, None)]
        while waiting:
            item, parent = waiting.pop()
            if item.identifier not in seen:
                seen.add(item.identifier)
                yield item, parent
                waiting += [(child, item.identifier) for child in reversed(children.get(item.identifier, []))]


def _children(outline: Outline) -> dict[str | None, list[OutlineItem]]:
    names = {item.identifier for item in outline.items}
    children: dict[str | None, list[OutlineItem]] = {}
    for item in outline.items:
        if item.parent is not None and item.parent not in names:
            outline.warn(item.identifier, say("上级条目“{parent}”不在文件里，已放到最上层。", parent=item.parent))
            children.setdefault(None, []).append(item)
        else:
            children.setdefault(item.parent, []).append(item)
    for siblings in children.values():
        siblings.sort(key=lambda item: (item.position is None, item.position or 0))
    return children


def _row(outline: Outline, document_id: UUID, item: OutlineItem, above: Row | None) -> Row:
    item_id = id_of(item.identifier)
    depth = above["depth"] + 1 if above else 0
    if depth >= MAX_DEPTH:
        raise Invalid(say("条目“{name}”超过了 {depth} 层，无法导入。", name=item.identifier, depth=MAX_DEPTH))
    return {
        "id": item_id,
        "document_id": document_id,
        "parent_id": above["id"] if above else None,
        "identifier": item.identifier,
        "human_coding_scheme": item.code,
        "full_statement": item.title,
        "abbreviated_statement": item.short,
        "item_type": item.item_type,
        "position": 0,
        "depth": depth,
        "path": (above["path"] if above else "/") + path_mark(item_id) + "/",
        "trail": trail_below(above["trail"], above["full_statement"]) if above else label(outline.label),
        "retired": False,
        "subject": item.subject or outline.subject,
        "stage": item.stage or (above["stage"] if above else "") or outline.stage,
        "grade": item.grade if item.grade is not None or above is None else above["grade"],
        "volume": item.volume or (above["volume"] if above else ""),
        "edition": item.edition or outline.edition,
        "extra": item.extra,
    }


def trail_below(trail: str, title: str) -> str:
    """The trail of what stands below an item with this trail and title."""
    return join_trail(trail, label(title))


def _numbered(rows: list[Row]) -> list[Row]:
    counts: dict[UUID | None, int] = {}
    for row in rows:
        row["position"] = counts.get(row["parent_id"], 0)
        counts[row["parent_id"]] = row["position"] + 1
    return rows
