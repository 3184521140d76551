"""The framework files of this release: where they are, and how one is read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tongke.curriculum.models import FrameworkFamily
from tongke.curriculum.outline import Outline, OutlineItem, OutlineLink
from tongke.curriculum.titles import bare_title

FOLDER = Path(__file__).parent / "data"
READER = b"2"  # counts up when these files come to mean other rows, so that installations load them again
_HEAD = {"title", "family", "subject", "stage", "system", "edition", "creator", "publisher", "language"}
_HEAD |= {"adoption_status", "source", "notes"}
_CROSSED = {"单元", "章", "节", "课"}
REVISED = "-new"
_OWN = {"code", "type", "title", "items", "stage", "grade", "volume"}


def framework_files() -> dict[str, Path]:
    """Every shipped framework file by the name it is remembered under."""
    return {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.json"))}


def digest(raw: bytes) -> str:
    return hashlib.sha256(READER + raw).hexdigest()


def read_framework(raw: bytes) -> Outline:
    """The framework in one of our own files; these are ours, so what is wrong in them is a bug."""
    whole = json.loads(raw)
    head = {key: whole[key] for key in _HEAD & whole.keys()}
    extra = {key: whole[key] for key in whole.keys() - _HEAD - {"framework", "items"}}
    outline = Outline(identifier=whole["framework"], read_as="tongke", extra=extra, **head)
    _collect(outline, whole["items"], None)
    outline.links = list(_same_lessons(outline))
    return outline


def _same_lessons(outline: Outline) -> Iterator[OutlineLink]:
    """The crosswalk between old and new books of a series: what has the same title, where there is only one of each."""
    old: dict[str, list[OutlineItem]] = {}
    new: dict[str, list[OutlineItem]] = {}
    for item in outline.items:
        if item.item_type in _CROSSED and len(item.short or item.title) > 1:
            books = new if REVISED in item.code.split(".")[0] else old
            books.setdefault(item.short or item.title, []).append(item)
    for title in old.keys() & new.keys():
        if len(old[title]) == len(new[title]) == 1:
            origin, destination = new[title][0], old[title][0]
            yield OutlineLink(
                f"{origin.code}~{destination.code}", "isRelatedTo", origin.identifier, destination.identifier
            )


def _collect(outline: Outline, nodes: list[dict[str, Any]], parent: str | None) -> None:
    for node in nodes:
        identifier = f"{outline.identifier}:{node['code']}"
        short = bare_title(node["title"]) if outline.family == FrameworkFamily.TEXTBOOK else ""
        outline.items.append(
            OutlineItem(
                identifier=identifier,
                title=node["title"],
                parent=parent,
                code=node["code"],
                short=short if short != node["title"] else "",
                item_type=node["type"],
                stage=node.get("stage", ""),
                grade=node.get("grade"),
                volume=node.get("volume", ""),
                extra={key: node[key] for key in node.keys() - _OWN},
            )
        )
        _collect(outline, node.get("items", []), identifier)
