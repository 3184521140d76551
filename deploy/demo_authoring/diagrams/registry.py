"""Where diagrams are kept by name, and made into pictures."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image

from demo_authoring.canvas import Canvas
from demo_authoring.palette import LOOKS, SKY, Look

CLEAN = Look("#ffffff", "#1e2a32", SKY, "#dbe9f2")
CHALK = LOOKS["physics"]
_DRAWINGS: dict[str, tuple[str, Callable[[], Canvas]]] = {}


def drawing(
    name: str, description: str, size: tuple[int, int], look: Look = CLEAN
) -> Callable[..., Callable[[Canvas], None]]:
    """Register a drawing under ``name``; ``description`` becomes its alternative text."""

    def keep(draw: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
        def made() -> Canvas:
            canvas = Canvas(look, *size)
            draw(canvas)
            return canvas

        _DRAWINGS[name] = (description, made)
        return draw

    return keep


def description(name: str) -> str:
    return _DRAWINGS[name][0]


def picture(name: str) -> Image.Image:
    return _DRAWINGS[name][1]().image


def png(name: str, colours: int = 96) -> bytes:
    stream = io.BytesIO()
    picture(name).quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        stream, "PNG", optimize=True
    )
    return stream.getvalue()
