"""How text becomes index terms: words and character pairs, folded so that different spellings meet.

Chinese has no spaces. Every pair of neighbouring characters is a term, so any substring of two or more characters
can be found; words of three and more from the segmenter rank whole words higher; other scripts go by word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

MAX_QUERY_CHARACTERS = 120
MAX_QUERY_TERMS = 48

_PAIRED = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\ua000-\ua48c\U00020000-\U000323af"
_MARKS = (  # vowel signs of Arabic, Tibetan and Mongolian script, which ``\\w`` leaves out
    "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    "\u0f18\u0f19\u0f35\u0f37\u0f39\u0f71-\u0f84\u0f86\u0f87\u0f8d-\u0fbc\u180b-\u180d\u1885\u1886\u18a9"
)
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U000323af]")
_RUN = re.compile(rf"(?P<pairs>[{_PAIRED}]+)|(?P<word>(?:(?![{_PAIRED}_])[\w{_MARKS}])+)")
_PAIRED_CHARACTER = re.compile(f"[{_PAIRED}]")
_PIECE = re.compile(r"[0-9]+|[^0-9]+")


def has_han(text: str) -> bool:
    return _HAN.search(text) is not None


def normalise(text: str) -> str:
    """``text`` as it is compared: compatibility forms, case and traditional characters folded."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _to_simplified().convert(folded) if has_han(folded) else folded


class Run(NamedTuple):
    """A stretch of one kind of writing: ``is_paired`` when it has no spaces between words."""

    text: str
    is_paired: bool


def runs(normalised: str) -> Iterator[Run]:
    for match in _RUN.finditer(normalised):
        yield Run(match.group(), is_paired=match.lastgroup == "pairs")


def characters(normalised: str) -> set[str]:
    """The single characters of paired scripts, for one-character questions."""
    return set(_PAIRED_CHARACTER.findall(normalised))


def pieces(word: str) -> list[str]:
    """What letters and digits written together (50cm) consist of; nothing for a plain word."""
    found = _PIECE.findall(word)
    return found if len(found) > 1 else []


def pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def words(run: str) -> list[str]:
    """The segmenter's words, short ones inside long ones too."""
    return list(_segmenter().cut_for_search(run))


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    import rjieba  # slow import: 30 MB, only once there is Chinese to cut

    return rjieba


@lru_cache(maxsize=1)
def _to_simplified() -> Any:
    import opencc  # slow import: only once there is Chinese to fold

    return opencc.OpenCC("t2s")
