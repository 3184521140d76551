"""The text of a file as blocks to read: headings, verses, lists, paragraphs; Markdown's commonest marks and no more.

Nothing here makes HTML: templates draw the blocks and escape every word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_VERSE = 24
_FEWEST_VERSES = 2
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*\s*$")
_BULLET = re.compile(r"\s*[-*+•]\s+(.+)$")
_NUMBER = re.compile(r"\s*\d{1,3}[.、)．]\s*(\S.*)$")
_RULE = re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*$")
_VERSE_END = re.compile(r"[，。？！；：、,.?!;]$")
_BOLD = re.compile(r"\*\*(.+?)\*\*|(?<![\w*])\*(\S[^*]*?)\*(?![\w*])")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of words; ``look`` is empty, ``strong`` or ``em``."""

    words: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """``kind``: heading, poem, quote, bullets, numbers, rule, or paragraph; ``lines`` are its lines or list items."""

    kind: str
    lines: tuple[tuple[Span, ...], ...] = ()
    level: int = 0


def blocks(text: str, *, is_markdown: bool) -> list[Block]:
    """``text`` in blocks, in order."""
    groups = _groups(text.splitlines(), is_markdown=is_markdown)
    return [_block(kind, lines, is_markdown=is_markdown) for kind, lines in groups]


def _groups(lines: list[str], *, is_markdown: bool) -> Iterator[tuple[str, list[str]]]:
    """Runs of lines of one kind, ended by an empty line, a heading or another kind."""
    kind, run = "", list[str]()
    for line in [*lines, ""]:
        found, words = _kind(line) if is_markdown else ("paragraph" if line.strip() else "", line.strip())
        if run and (found != kind or found in ("heading", "rule")):
            yield kind, run
            run = []
        kind = found
        if found:
            run.append(words)
    if run:
        yield kind, run


def _kind(line: str) -> tuple[str, str]:
    if not line.strip():
        return "", ""
    if _RULE.match(line):
        return "rule", ""
    if _HEADING.match(line):
        return "heading", line
    if line.lstrip().startswith(">"):
        return "quote", line.lstrip()[1:].strip()
    for kind, mark in (("bullets", _BULLET), ("numbers", _NUMBER)):
        if found := mark.match(line):
            return kind, found[1]
    return "paragraph", line.strip()


def _block(kind: str, lines: list[str], *, is_markdown: bool) -> Block:
    level = 0
    if kind == "heading" and (found := _HEADING.match(lines[0])):
        level, lines = len(found[1]), [found[2]]
    elif kind in ("quote", "paragraph") and _are_verses(lines):
        kind = "poem"
    spans = tuple(_spans(line) if is_markdown else (Span(line),) for line in lines if line or kind == "quote")
    return Block(kind, spans, level)


def _are_verses(lines: list[str]) -> bool:
    """Short lines that each end with a mark: a poem is set as one."""
    said = [line for line in lines if line]
    return len(said) >= _FEWEST_VERSES and all(len(v) <= LONGEST_VERSE and _VERSE_END.search(v) for v in said)


def _spans(line: str) -> tuple[Span, ...]:
    found, at = list[Span](), 0
    for mark in _BOLD.finditer(line):
        if mark.start() > at:
            found.append(Span(line[at : mark.start()]))
        found.append(Span(mark[1], "strong") if mark[1] else Span(mark[2], "em"))
        at = mark.end()
    if at < len(line) or not found:
        found.append(Span(line[at:]))
    return tuple(found)
