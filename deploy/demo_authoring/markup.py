"""The plain text the documents and decks are written in: a small part of Markdown, with a few lines of settings on top."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list entry, table, picture …; ``rows`` only for tables."""

    kind: str
    words: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    settings: dict[str, str]
    blocks: list[Block]

    def __getitem__(self, name: str) -> str:
        return self.settings.get(name, "")


_STARTS = (
    ("### ", "subheading"),
    ("## ", "heading"),
    ("# ", "title"),
    ("- ", "bullet"),
    ("> ", "callout"),
    ("!! ", "statement"),
    ("![", "picture"),
    ("===", "break"),
    ("___", "answer"),
)


def read(path: Path) -> Source:
    head, _, body = path.read_text(encoding="utf-8").partition("\n---\n")
    settings = dict(line.split(": ", 1) for line in head.splitlines() if line)
    return Source(settings, parse(body))


def parse(body: str) -> list[Block]:
    blocks: list[Block] = []
    table: list[tuple[str, ...]] = []
    for line in [*body.splitlines(), ""]:
        if line.startswith("|"):
            cells = tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
            if not all(set(cell) <= set("-: ") for cell in cells):
                table.append(cells)
            continue
        if table:
            blocks.append(Block("table", rows=tuple(table)))
            table = []
        if line.strip():
            blocks.append(_block(line))
    return blocks


def _block(line: str) -> Block:
    for start, kind in _STARTS:
        if line.startswith(start):
            return Block(kind, line.removeprefix(start).rstrip("]").strip())
    if re.match(r"\d+\. ", line):
        return Block("numbered", line.strip())
    return Block("paragraph", line.strip())


def runs(words: str) -> list[tuple[str, bool]]:
    """``words`` in pieces, each with whether it is bold."""
    pieces = _BOLD.split(words)
    return [(piece, bool(k % 2)) for k, piece in enumerate(pieces) if piece]
