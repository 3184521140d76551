"""Colours and fonts of the demo media, after docs on how Tongke looks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PIL import ImageFont

PAPER, INK, GREY = "#faf7f0", "#1e2a32", "#55636d"
SEAL, JADE, WHEAT, SKY, PLUM = "#b23a26", "#1f6f5c", "#8a5a00", "#1d5f8a", "#7a3b6e"
NIGHT, NIGHT_TEXT = "#14191d", "#e9e4d8"
WHITE, HAIR = "#ffffff", "#ddd6c6"
_FONTS = "/usr/share/fonts/opentype/noto/Noto{family}CJK-{weight}.ttc"
_SIMPLIFIED = 2


@dataclass(frozen=True, slots=True)
class Look:
    """How the media of one subject look: ground, ink and one strong colour with its pale twin."""

    ground: str
    ink: str
    strong: str
    pale: str
    grey: str = GREY
    pattern: str = "plain"


LOOKS = {
    "maths": Look(PAPER, INK, SKY, "#dbe9f2", pattern="grid"),
    "chinese": Look("#f6f0e2", INK, SEAL, "#f0d9d0", pattern="wash"),
    "science": Look("#f2f7f3", INK, JADE, "#d5eae2", pattern="dots"),
    "physics": Look("#203a36", "#f3f0e4", "#f2c96b", "#35554f", grey="#b9c8bf", pattern="board"),
    "english": Look("#fdf6ea", INK, PLUM, "#eedbe9", pattern="band"),
    "map": Look("#f4ecd8", "#3a2f22", "#8a5a00", "#eadcb6", grey="#7a6a50", pattern="frame"),
    "night": Look(NIGHT, NIGHT_TEXT, "#e5b95c", "#2a333a", grey="#a9b2b5", pattern="stars"),
    "care": Look("#fffdf7", INK, JADE, "#e3f1ea", pattern="plain"),
    "board": Look("#27332d", "#f4f1e6", "#f0a58f", "#3c4a43", grey="#bcc7bf", pattern="board"),
}


@lru_cache(maxsize=256)
def font(size: int, *, bold: bool = False, serif: bool = False) -> ImageFont.FreeTypeFont:
    path = _FONTS.format(family="Serif" if serif else "Sans", weight="Bold" if bold else "Regular")
    return ImageFont.truetype(path, size, index=_SIMPLIFIED)


def mix(one: str, other: str, share: float) -> str:
    """The colour ``share`` of the way from ``one`` to ``other``: how things fade in without transparency."""
    parts = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * max(0.0, min(1.0, share))):02x}" for a, b in parts)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
