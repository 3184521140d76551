"""What changed between two revisions, field by field and word by word, as values a page can draw."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from tongke.media.models import Asset
from tongke.resources.content import CONTENT_COLUMNS, alignments_of, files_of
from tongke.resources.models import Revision

_WORDS = re.compile(r"[^\W\d_\u2e80-\u9fff]+|\d+|\s+|.", re.DOTALL)
_LONGEST = 6000
"""Words above which a text is shown as replaced whole: comparing costs the square of the length."""


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words and what happened to it."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs; ``pieces`` is the text of both, for fields that are text."""

    name: str
    before: Any
    after: Any
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class FileChange:
    change: Change
    asset_id: UUID
    filename: str
    title: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that differs between an older and a newer revision."""

    before: Revision
    after: Revision
    fields: tuple[FieldChange, ...]
    files: tuple[FileChange, ...]
    aligned: frozenset[tuple[UUID, str]]
    no_longer_aligned: frozenset[tuple[UUID, str]]


def compare(session: Session, before: Revision, after: Revision) -> Comparison:
    """Compare two revisions, in five queries whatever they hold."""
    ties_before, ties_after = (
        frozenset((a.framework_item_id, a.relation) for a in alignments_of(session, r)) for r in (before, after)
    )
    return Comparison(
        before,
        after,
        tuple(_field_changes(before, after)),
        tuple(_file_changes(session, before, after)),
        ties_after - ties_before,
        ties_before - ties_after,
    )


def _field_changes(before: Revision, after: Revision) -> list[FieldChange]:
    found = []
    for name in CONTENT_COLUMNS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            pieces = word_changes(old, new) if isinstance(old, str) and isinstance(new, str) else ()
            found.append(FieldChange(name, old, new, pieces))
    return found


def word_changes(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts as runs of same, removed and added words; a Chinese character is a word."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) > _LONGEST or len(new) > _LONGEST:
        return tuple(_pieces([(Change.REMOVED, old), (Change.ADDED, new)]))
    runs: list[tuple[Change, Sequence[str]]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            runs.append((Change.SAME, old[a:b]))
        else:
            runs += [(Change.REMOVED, old[a:b]), (Change.ADDED, new[c:d])]
    return tuple(_pieces(runs))


def _pieces(runs: list[tuple[Change, Sequence[str]]]) -> list[Piece]:
    return [Piece(change, "".join(words)) for change, words in runs if words]


def _file_changes(session: Session, before: Revision, after: Revision) -> list[FileChange]:
    old, new = ({f.asset_id: f for f in files_of(session, r)} for r in (before, after))
    assets = {a.id: a for a in session.exec(select(Asset).where(col(Asset.id).in_(old.keys() | new.keys())))}
    stay_old, stay_new = [a for a in old if a in new], [a for a in new if a in old]
    moved = {a for a, b in zip(stay_new, stay_old, strict=True) if a != b}
    found = []
    for asset_id, file in (new | {a: f for a, f in old.items() if a not in new}).items():
        asset = assets[asset_id]
        if asset_id not in old:
            change = Change.ADDED
        elif asset_id not in new:
            change = Change.REMOVED
        else:
            change = Change.MOVED if asset_id in moved else Change.SAME
        found.append(FileChange(change, asset_id, asset.filename, file.title, asset.size_bytes))
    return found
