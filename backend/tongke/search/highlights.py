"""Marking what matched, in the words people read (not in the folded form they are compared in)."""

from __future__ import annotations

import re

from tongke.search import text
from tongke.search.base import MATCH_END, MATCH_START

_EXCERPT = 120
_LEAD = 24


class Marker:
    """Marks what was asked for, word by word; made once for a page of answers."""

    def __init__(self, typed: str) -> None:
        sought: set[str] = set()
        for run in text.runs(text.normalise(typed)[: text.MAX_QUERY_CHARACTERS]):
            sought.add(run.text)
            if run.is_paired:
                sought |= {word for word in text.words(run.text) if len(word) > 1}
        longest_first = sorted(sought, key=len, reverse=True)[: text.MAX_QUERY_TERMS]
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def whole(self, words: str) -> str:
        """``words`` with every match marked; empty when nothing in them matches."""
        spans = self._spans(words)
        return _marked(words, spans, 0, len(words)) if spans else ""

    def excerpt(self, words: str) -> str:
        """The part of ``words`` around the first match, marked; empty when nothing in them matches."""
        spans = self._spans(words)
        if not spans:
            return ""
        start = max(0, spans[0][0] - _LEAD) if len(words) > _EXCERPT else 0
        end = min(len(words), max(start + _EXCERPT, spans[0][1]))
        inside = [span for span in spans if span[1] <= end]
        part = _marked(words, inside, start, end)
        return f"{'…' if start else ''}{part}{'…' if end < len(words) else ''}"

    def _spans(self, words: str) -> list[tuple[int, int]]:
        if self._pattern is None:
            return []
        compared = text.normalise(words)
        if len(compared) != len(words):  # folding changed lengths (ﬁ → fi): places would be off
            compared = words.casefold() if len(words.casefold()) == len(words) else words
        return [match.span() for match in self._pattern.finditer(compared)]


def _marked(words: str, spans: list[tuple[int, int]], start: int, end: int) -> str:
    clean = words.replace(MATCH_START, " ").replace(MATCH_END, " ")
    parts: list[str] = []
    done = start
    for first, last in spans:
        parts += [clean[done:first], MATCH_START, clean[first:last], MATCH_END]
        done = last
    return "".join((*parts, clean[done:end]))
