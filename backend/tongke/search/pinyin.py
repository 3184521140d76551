"""How Chinese sounds, in a table of 160 kB: the pinyin library itself would cost 56 MB and a second.

The table stands beside this module; ``pinyin_making`` makes it from the library's data.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

TABLE = Path(__file__).with_name("pinyin.txt")
FIRST, LAST = 0x3400, 0x9FFF
LONGEST_PHRASE = 4
_MOST_SYLLABLES = 24


@dataclass(frozen=True, slots=True)
class Readings:
    """``of[code point - first]`` is a place in ``syllables`` (0: none); ``phrases`` are the exceptions.

    ``begins`` are the characters a phrase may begin with; ``known`` are the syllables a person may type.
    """

    syllables: tuple[str, ...]
    of: array[int]
    phrases: dict[str, tuple[int, ...]]
    begins: frozenset[str]
    known: frozenset[str]


def syllables(normalised: str) -> list[str]:
    """The reading of each Chinese character, in order; anything else is passed over."""
    table = readings()
    found: list[str] = []
    skip_to = 0
    for place, character in enumerate(normalised):
        if place < skip_to:
            continue
        if character in table.begins:
            phrase = _phrase_at(table, normalised, place)
            if phrase:
                found += [table.syllables[i] for i in table.phrases[phrase]]
                skip_to = place + len(phrase)
                continue
        code = ord(character) - FIRST
        if 0 <= code <= LAST - FIRST and table.of[code]:
            found.append(table.syllables[table.of[code]])
    return found


def pairs(said: list[str]) -> list[str]:
    """Neighbouring syllables as one term each."""
    return [f"{a}_{b}" for a, b in pairwise(said)]


def split(letters: str) -> list[str]:
    """``letters`` as the fewest pinyin syllables, or nothing when they are no pinyin."""
    known = readings().known
    best: list[list[str] | None] = [[]] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for start in range(max(0, end - 6), end):
            before, last = best[start], letters[start:end]
            if before is not None and last in known and len(before) < _MOST_SYLLABLES * 2:
                shorter = best[end] is None or len(before) + 1 < len(best[end] or ())
                best[end] = [*before, last] if shorter else best[end]
    return best[-1] or []


def _phrase_at(table: Readings, text: str, start: int) -> str:
    for length in range(LONGEST_PHRASE, 1, -1):
        if text[start : start + length] in table.phrases:
            return text[start : start + length]
    return ""


@lru_cache(maxsize=1)
def readings() -> Readings:
    """The table, read on first use."""
    characters, _, exceptions = TABLE.read_text(encoding="utf-8").partition("\n\n")
    names, of = [""], array("H", bytes(2 * (LAST - FIRST + 1)))
    for place, line in enumerate(characters.split("\n"), start=1):
        name, _, sounding = line.partition(" ")
        names.append(name)
        for character in sounding:
            of[ord(character) - FIRST] = place
    place_of = {name: place for place, name in enumerate(names)}
    split_lines = (line.split(" ") for line in exceptions.splitlines())
    phrases = {phrase: tuple(place_of[sound] for sound in said) for phrase, *said in split_lines}
    known = frozenset(name for name in names if len(name) > 1) | {"a", "e", "o"}
    return Readings(tuple(names), of, phrases, frozenset(phrase[0] for phrase in phrases), known)
