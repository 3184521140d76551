"""File names as people gave them, made fit to keep and to give back."""

from __future__ import annotations

import re
import unicodedata

LONGEST_BYTES = 200
NAMELESS = "未命名"
_SEPARATORS = re.compile(r"[/\\]")
_UNFIT = re.compile(r'[<>:"|?*]')
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def clean_filename(name: str) -> str:
    """The last part of ``name`` without what a file system or a reader could be fooled by; never empty."""
    name = _SEPARATORS.split(unicodedata.normalize("NFC", name))[-1]
    name = "".join(" " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c) not in _INVISIBLE)
    name = _UNFIT.sub("_", re.sub(r" +", " ", name)).strip(" .")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shortened(name) or NAMELESS


def unique_filenames(names: list[str]) -> list[str]:
    """``names``, each made different from those before it, whatever the case of its letters."""
    taken: set[str] = set()
    unique = []
    for name in names:
        stem, dot, suffix = name.rpartition(".")
        stem, dot, suffix = (stem, dot, suffix) if stem else (name, "", "")
        candidate, number = name, 2
        while candidate.casefold() in taken:
            candidate, number = f"{stem} ({number}){dot}{suffix}", number + 1
        taken.add(candidate.casefold())
        unique.append(candidate)
    return unique


def _shortened(name: str) -> str:
    """At most ``LONGEST_BYTES`` of UTF-8, the ending kept."""
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    ending = f"{dot}{suffix}" if stem and len(suffix.encode()) <= 16 else ""  # noqa: PLR2004 - the longest real ending
    room = LONGEST_BYTES - len(ending.encode())
    return (stem if ending else name).encode()[:room].decode(errors="ignore").rstrip(" .") + ending
