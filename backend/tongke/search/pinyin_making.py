"""Makes the table of sounds from the data of pypinyin (MIT): ``python -m tongke.search.pinyin_making``.

The files are read without importing the library; of its phrases only those are kept whose reading differs from the
usual one of their characters (长度, 音乐).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from tongke.search.pinyin import FIRST, LAST, LONGEST_PHRASE, TABLE

_SINGLE = re.compile(r'"(\d+)":\s*"([^",]+)')
_PHRASE = re.compile(r'"([^"]+)":\s*\[((?:\s*\[[^\]]*\],?)+)\s*\]')
_SOUND = re.compile(r'\[\s*"([^"]+)"')


def table() -> str:
    """A line for each syllable with its characters, then after an empty line each phrase with its syllables."""
    folder = _folder()
    single = {chr(int(code)): _plain(said) for code, said in _SINGLE.findall(_read(folder / "pinyin_dict.json"))}
    sounding: dict[str, list[str]] = {name: [] for name in sorted(set(single.values()) - {""})}
    for character in sorted(single):
        if single[character] and FIRST <= ord(character) <= LAST:
            sounding[single[character]].append(character)
    lines = [f"{name} {''.join(characters)}" for name, characters in sounding.items()]
    phrases = _exceptions(folder, single, frozenset(sounding))
    return "\n".join([*lines, "", *(f"{phrase} {' '.join(said)}" for phrase, said in phrases.items()), ""])


def _exceptions(folder: Path, single: dict[str, str], known: frozenset[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for match in _PHRASE.finditer(_read(folder / "phrases_dict.json")):
        phrase = match.group(1)
        sounds = [_plain(said) for said in _SOUND.findall(match.group(2))]
        is_plain = len(sounds) == len(phrase) <= LONGEST_PHRASE and known.issuperset(sounds)
        if is_plain and sounds != [single.get(character) for character in phrase]:
            found[phrase] = sounds
    return found


@lru_cache(maxsize=2_000)
def _plain(said: str) -> str:
    letters = unicodedata.normalize("NFD", said).replace("u\u0308", "v")
    return "".join(c for c in letters if "a" <= c <= "z")


def _folder() -> Path:
    spec = find_spec("pypinyin")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8", newline="\n")
