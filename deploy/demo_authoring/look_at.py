"""Contact sheets of the films, to look at before rendering: ``python -m demo_authoring.look_at maths out.png``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from PIL import Image

from demo_authoring.film import Film, still
from demo_authoring.speech import sentences

COLUMNS = 2


def sheet(film: Film) -> Image.Image:
    """The last frame of every scene, two a row."""
    stills = [still(film, k, len(sentences(s.narration)) - 1).finished() for k, s in enumerate(film.scenes)]
    rows = (len(stills) + COLUMNS - 1) // COLUMNS
    page = Image.new("RGB", (960 * COLUMNS, 540 * rows))
    for k, picture in enumerate(stills):
        page.paste(picture, (960 * (k % COLUMNS), 540 * (k // COLUMNS)))
    return page


if __name__ == "__main__":
    for film in import_module(f"demo_authoring.films.{sys.argv[1]}").FILMS:
        sheet(film).save(Path(sys.argv[2]) / f"{film.name}.png")
