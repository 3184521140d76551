"""A drawing surface in design units (960 by 540); drawn at twice the size, so that edges come out smooth."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from demo_authoring.palette import Look, font, mix

WIDTH, HEIGHT, SCALE = 960, 540, 2
Point = tuple[float, float]


class Canvas:
    """What the films and diagrams draw on; every length is in design units."""

    def __init__(self, look: Look, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.look, self.width, self.height = look, width, height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), look.ground)
        self.pen = ImageDraw.Draw(self.image)

    def text(
        self,
        at: Point,
        words: str,
        size: float = 24,
        fill: str | None = None,
        *,
        anchor: str = "la",
        bold: bool = False,
        serif: bool = False,
        spacing: float = 0.45,
    ) -> None:
        face = font(round(size * SCALE), bold=bold, serif=serif)
        place = (at[0] * SCALE, at[1] * SCALE)
        multi = "\n" in words
        self.pen.text(
            place,
            words,
            fill or self.look.ink,
            face,
            anchor=anchor.replace("t", "a") if multi else anchor,
            spacing=size * spacing * SCALE,
        )

    def box(
        self,
        corners: tuple[float, float, float, float],
        fill: str | None = None,
        outline: str | None = None,
        width: float = 2,
        radius: float = 6,
    ) -> None:
        places = [v * SCALE for v in corners]
        self.pen.rounded_rectangle(places, radius * SCALE, fill, outline, round(width * SCALE))

    def line(self, points: Sequence[Point], fill: str | None = None, width: float = 3) -> None:
        places = [(x * SCALE, y * SCALE) for x, y in points]
        self.pen.line(places, fill or self.look.ink, round(width * SCALE), joint="curve")

    def dashed(self, start: Point, end: Point, fill: str | None = None, width: float = 2, dash: float = 8) -> None:
        length = math.dist(start, end)
        for k in range(0, int(length // dash), 2):
            pieces = [along(start, end, min(1.0, d * dash / length)) for d in (k, k + 1)]
            self.line(pieces, fill, width)

    def circle(
        self, at: Point, radius: float, fill: str | None = None, outline: str | None = None, width: float = 2
    ) -> None:
        self.oval(at, radius, radius, fill, outline, width)

    def oval(
        self, at: Point, rx: float, ry: float, fill: str | None = None, outline: str | None = None, width: float = 2
    ) -> None:
        (x, y), s = at, SCALE
        self.pen.ellipse(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), fill, outline, round(width * s))

    def pie(
        self,
        at: Point,
        radius: float,
        start: float,
        end: float,
        fill: str | None = None,
        outline: str | None = None,
    ) -> None:
        (x, y), r, s = at, radius, SCALE
        self.pen.pieslice(((x - r) * s, (y - r) * s, (x + r) * s, (y + r) * s), start, end, fill, outline, 2 * s)

    def arc(self, at: Point, rx: float, ry: float, span: tuple[float, float], fill: str, width: float = 3) -> None:
        (x, y), s = at, SCALE
        self.pen.arc(((x - rx) * s, (y - ry) * s, (x + rx) * s, (y + ry) * s), *span, fill, round(width * s))

    def polygon(self, points: Sequence[Point], fill: str | None = None, outline: str | None = None) -> None:
        places = [(x * SCALE, y * SCALE) for x, y in points]
        self.pen.polygon(places, fill, outline, 2 * SCALE)

    def arrow(self, start: Point, end: Point, fill: str | None = None, width: float = 4, head: float = 14) -> None:
        angle = math.atan2(end[1] - start[1], end[0] - start[0])
        back = (end[0] - head * 0.8 * math.cos(angle), end[1] - head * 0.8 * math.sin(angle))
        self.line([start, back], fill, width)
        wings = [
            (end[0] - head * math.cos(angle + turn), end[1] - head * math.sin(angle + turn)) for turn in (0.45, -0.45)
        ]
        self.polygon([end, *wings], fill or self.look.ink)

    def tag(self, at: Point, words: str, size: float = 18, fill: str | None = None, ink: str | None = None) -> None:
        """Words in a small coloured box whose left middle stands at ``at``."""
        wide = self.width_of(words, size) + size
        x, y = at
        self.box((x, y - size * 0.85, x + wide, y + size * 0.85), fill or self.look.strong, radius=size * 0.3)
        self.text((x + wide / 2, y), words, size, ink or self.look.ground, anchor="mm", bold=True)

    def width_of(self, words: str, size: float, *, bold: bool = False, serif: bool = False) -> float:
        return font(round(size * SCALE), bold=bold, serif=serif).getlength(words) / SCALE

    def faded(self, colour: str, share: float) -> str:
        return mix(self.look.ground, colour, share)

    def finished(self) -> Image.Image:
        """The picture at its real size."""
        return self.image.reduce(SCALE)


def along(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def ground(look: Look, width: int = WIDTH, height: int = HEIGHT) -> Canvas:
    """A canvas with the paper, board or sky of its look."""
    canvas = Canvas(look, width, height)
    _PATTERNS[look.pattern](canvas)
    return canvas


def _plain(_canvas: Canvas) -> None:
    """Nothing but the ground."""


def _grid(c: Canvas) -> None:
    faint = c.faded(c.look.strong, 0.09)
    for x in range(0, c.width, 24):
        c.line([(x, 0), (x, c.height)], faint, 0.5)
    for y in range(0, c.height, 24):
        c.line([(0, y), (c.width, y)], faint, 0.5)


def _wash(c: Canvas) -> None:
    for k, (height, share) in enumerate(((150, 0.06), (105, 0.1), (62, 0.15))):
        hills = [
            (x, c.height - height - 26 * math.sin(x / (95 + 38 * k) + 2.1 * k) - 10 * math.sin(x / 31 + k))
            for x in range(0, c.width + 12, 12)
        ]
        c.polygon([(0, c.height), *hills, (c.width, c.height)], c.faded("#3f5a5c", share))


def _dots(c: Canvas) -> None:
    for x in range(20, c.width, 40):
        for y in range(20, c.height, 40):
            c.circle((x, y), 1.1, c.faded(c.look.strong, 0.18))


def _board(c: Canvas) -> None:
    c.box((8, 8, c.width - 8, c.height - 8), None, "#8a6a45", 7, 4)
    c.line([(20, c.height - 14), (c.width - 20, c.height - 14)], "#a98557", 3)


def _band(c: Canvas) -> None:
    c.box((0, 0, 14, c.height), c.look.strong, radius=0)
    c.box((14, 0, 20, c.height), "#e5b95c", radius=0)


def _frame(c: Canvas) -> None:
    c.box((12, 12, c.width - 12, c.height - 12), None, c.faded(c.look.strong, 0.5), 1.5, 2)
    c.box((18, 18, c.width - 18, c.height - 18), None, c.faded(c.look.strong, 0.3), 0.8, 2)


def _stars(c: Canvas) -> None:
    for k in range(90):
        x, y = (k * 379) % c.width, (k * k * 53 + k * 131) % c.height
        c.circle((x, y), 0.7 + (k % 3) * 0.4, c.faded("#e9e4d8", 0.25 + 0.15 * (k % 4)))


_PATTERNS = {
    "plain": _plain,
    "grid": _grid,
    "wash": _wash,
    "dots": _dots,
    "board": _board,
    "band": _band,
    "frame": _frame,
    "stars": _stars,
}
