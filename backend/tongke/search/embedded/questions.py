"""What a person typed, as queries over the index's terms.

No text reaches a query parser: nothing in it is an operator.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from tongke.search import pinyin, text
from tongke.search.embedded.schema import SCHEMA, pieces, stem

_WORD_FIELDS = (("in_title", 1.3), ("in_about", 1.0), ("in_text", 0.5))
_STRICT, _LOOSE = 0.6, 0.3
_LONG, _FEW = 4, 10
_LETTERS = re.compile(r"[a-z]+")
_MIN_INITIALS, _MAX_INITIALS = 2, 24


@dataclass(frozen=True, slots=True)
class Question:
    """``strict`` asks for most of what was typed; ``loose``, where that has under ``few`` answers, for what was meant.

    A short question that has an answer was typed as meant; a long one with few answers may hold a slip.
    """

    strict: Query
    loose: Query
    few: int = 1


def understand(typed: str, searcher: tantivy.Searcher) -> Question | None:
    """The question in ``typed``, or None when it asks for nothing (blank)."""
    normalised = text.normalise(typed)[: text.MAX_QUERY_CHARACTERS]
    if not normalised.strip():
        return None
    found = list(text.runs(normalised))
    if not found:
        return Question(Query.empty_query(), Query.empty_query())  # punctuation alone matches nothing
    if any(run.is_paired for run in found):
        return _chinese(normalised, found)
    return _letters(normalised, found, searcher)


def completing(typed: str) -> Query | None:
    """Titles that begin with ``typed`` (also in pinyin or initials), then those that hold all of it."""
    normalised = text.normalise(typed).strip()[: text.MAX_QUERY_CHARACTERS]
    found = list(text.runs(normalised))
    if not found:
        return None
    begins = _starting(normalised)
    letters = "".join(_LETTERS.findall(normalised))
    if letters and letters != normalised:
        begins = _any([begins, _starting(letters)])
    needed = [
        _term("title_characters" if run.is_paired and len(run.text) == 1 else "in_title", piece)
        for run in found
        for piece in ((text.pairs(run.text) or [run.text]) if run.is_paired else [stem(run.text)])
    ]
    holds = Query.boolean_query([(Occur.Must, each) for each in needed[: text.MAX_QUERY_TERMS]])
    return _any([Query.const_score_query(begins, 100.0), holds])


def _starting(prefix: str) -> Query:
    return Query.fuzzy_term_query(SCHEMA, "completions", prefix, distance=0, prefix=True)


def _chinese(normalised: str, found: list[text.Run]) -> Question:
    clauses, extra = _clauses(found)
    strict = _any([_at_least(clauses, _STRICT, extra)])
    said = pinyin.syllables(normalised)[: text.MAX_QUERY_TERMS]
    sounded = [_term("sounds", pair) for pair in pinyin.pairs(said)]
    lone = [_term("characters", c) for c in dict.fromkeys("".join(r.text for r in found if r.is_paired))]
    loose = [strict, _at_least(clauses, _LOOSE), _at_least(sounded, _LOOSE), _at_least(lone, 0.75)]
    return Question(strict, _any(loose), _few(len(clauses)))


def _letters(normalised: str, found: list[text.Run], searcher: tantivy.Searcher) -> Question:
    """Words; or Chinese in pinyin; or, when they are neither, in initials."""
    clauses, extra = _clauses(found)
    worded = _at_least(clauses, _STRICT, extra)
    parts = [_worded(stem(piece)) for run in found for piece in text.pieces(run.text)]
    loose = [_at_least([*clauses, *parts], _LOOSE)]
    spelled = _LETTERS.findall(normalised) if not parts else []
    heard = [pinyin.split(word) for word in spelled]
    asked = len(clauses)
    if spelled and all(heard):
        said = [syllable for word in heard for syllable in word]
        looked_up = [_term("sounds", each) for each in dict.fromkeys(pinyin.pairs(said) or said)]
    elif spelled and not all(_is_known(stem(run.text), searcher) for run in found):
        looked_up = _abbreviated("".join(spelled))
    else:
        return Question(_any([worded]), _any([worded, *loose]), _few(asked))
    looked_up = looked_up[: text.MAX_QUERY_TERMS]
    strict = [worded, _at_least(looked_up, _STRICT)]
    loose.append(_at_least(looked_up, _LOOSE if heard and not all(heard) else 0.0))
    return Question(_any(strict), _any([*strict, *loose]), _few(max(asked, len(looked_up) + 1)))


def _few(pieces: int) -> int:
    return _FEW if pieces >= _LONG else 1


def _clauses(found: list[text.Run]) -> tuple[list[Query], list[Query]]:
    """One clause for each piece of the question, and what raises whole words above scattered pieces."""
    needed: dict[str, Query] = {}
    extra: dict[str, Query] = {}
    for run in found:
        if not run.is_paired:
            needed[run.text] = _worded(stem(run.text))
        elif len(run.text) == 1:
            needed[run.text] = _any([_term("title_characters", run.text), _term("characters", run.text)])
        else:
            needed |= {pair: _worded(pair) for pair in text.pairs(run.text)}
            extra |= {word: _worded(word) for word in text.words(run.text) if len(word) > 2}  # noqa: PLR2004
    return list(needed.values())[: text.MAX_QUERY_TERMS], list(extra.values())[: text.MAX_QUERY_TERMS]


def _abbreviated(letters: str) -> list[Query]:
    """``letters`` as the initials of Chinese words, in pieces."""
    if not _MIN_INITIALS <= len(letters) <= _MAX_INITIALS:
        return []
    size = min(3, len(letters))
    return [_term("initials", piece) for piece in dict.fromkeys(pieces(letters, size))]


def _is_known(word: str, searcher: tantivy.Searcher) -> bool:
    return any(searcher.doc_freq(field, word) for field, _ in _WORD_FIELDS)


def _worded(term: str) -> Query:
    return _any([Query.boost_query(_term(field, term), boost) for field, boost in _WORD_FIELDS])


def _term(field: str, value: str) -> Query:
    return Query.term_query(SCHEMA, field, value, index_option="freq")


def _any(queries: Iterable[Query | None]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries if query is not None])


def _at_least(clauses: list[Query], share: float, extra: list[Query] | None = None) -> Query | None:
    """Documents that hold at least that share of ``clauses``; ``extra`` only raises them."""
    if not clauses:
        return None
    needed = Query.boolean_query(
        [(Occur.Should, clause) for clause in clauses],
        minimum_number_should_match=max(1, math.ceil(share * len(clauses) - 1e-9)),
    )
    if not extra:
        return needed
    return Query.boolean_query([(Occur.Must, needed), *((Occur.Should, clause) for clause in extra)])
