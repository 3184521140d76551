"""How Chinese sounds, in a table of 200 kB: the pinyin library itself would cost 56 MB and a second.

Its data files are read once, without importing it; of its phrases only those are kept whose reading differs from
the usual one of their characters (长度, 音乐).
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

_FIRST, _LAST = 0x3400, 0x9FFF
_LONGEST_PHRASE = 4
_MOST_SYLLABLES = 24

# Read as text, entry by entry: parsing the phrases as JSON would leave 40 MB behind.
_SINGLE = re.compile(r'"(\d+)":\s*"([^",]+)')
_PHRASE = re.compile(r'"([^"]+)":\s*\[((?:\s*\[[^\]]*\],?)+)\s*\]')
_SOUND = re.compile(r'\[\s*"([^"]+)"')


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
        code = ord(character) - _FIRST
        if 0 <= code <= _LAST - _FIRST and table.of[code]:
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
    for length in range(_LONGEST_PHRASE, 1, -1):
        if text[start : start + length] in table.phrases:
            return text[start : start + length]
    return ""


@lru_cache(maxsize=1)
def readings() -> Readings:
    """The table, made on first use."""
    folder = _folder()
    single = {int(code): _plain(said) for code, said in _SINGLE.findall(_read(folder / "pinyin_dict.json"))}
    names = ("", *sorted(set(single.values()) - {""}))
    place = {name: i for i, name in enumerate(names)}
    of = array("H", (place.get(single.get(code, ""), 0) for code in range(_FIRST, _LAST + 1)))
    known = frozenset(name for name in names if len(name) > 1) | {"a", "e", "o"}
    phrases = _exceptions(folder, single, place)
    return Readings(names, of, phrases, frozenset(phrase[0] for phrase in phrases), known)


def _exceptions(folder: Path, single: dict[int, str], place: dict[str, int]) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for match in _PHRASE.finditer(_read(folder / "phrases_dict.json")):
        phrase = match.group(1)
        sounds = [_plain(said) for said in _SOUND.findall(match.group(2))]
        is_plain = len(sounds) == len(phrase) <= _LONGEST_PHRASE and all(sound in place for sound in sounds)
        if is_plain and sounds != [single.get(ord(c)) for c in phrase]:
            found[phrase] = tuple(place[sound] for sound in sounds)
    return found


@lru_cache(maxsize=2_000)
def _plain(said: str) -> str:
    """Without its tone; the same 1,500 are asked for 190,000 times."""
    letters = unicodedata.normalize("NFD", said).replace("u\u0308", "v")
    return "".join(c for c in letters if "a" <= c <= "z")


def _folder() -> Path:
    spec = find_spec("pypinyin")  # finds it without importing it
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
