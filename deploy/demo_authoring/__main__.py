"""Make the demo media: ``PYTHONPATH=deploy python -m demo_authoring KIND [NAME …]``.

KIND is films, documents, sounds or others; everything of that kind is made when no name follows.
Needs ffmpeg, espeak-ng, LibreOffice and the Noto CJK fonts. The results stand in backend/tongke/demo/content.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from demo_authoring import decks, documents, film, others, sounds

FILM_MODULES = ("maths", "language", "nature", "society", "together")
TARGET = Path(__file__).parents[2] / "backend/tongke/demo/content"
Work = tuple[str, Callable[[], object]]


def _films() -> Iterator[Work]:
    for module in FILM_MODULES:
        for one in import_module(f"demo_authoring.films.{module}").FILMS:
            yield one.name, lambda one=one: film.make(one, TARGET)


def _documents() -> Iterator[Work]:
    for path in sorted((Path(__file__).parent / "texts").glob("*.md")):
        maker = decks if path.name.endswith(".deck.md") else documents
        yield path.name.split(".")[0], lambda path=path, maker=maker: maker.make(path, TARGET)


def _sounds() -> Iterator[Work]:
    for name in sounds.SOUNDS:
        yield name.split(".")[0], lambda name=name: sounds.make(name, TARGET)


def _others() -> Iterator[Work]:
    for name in others.POSTERS:
        yield name.split(".")[0], lambda name=name: others.poster(name, TARGET)
    for name in others.PACKAGES:
        yield name.split(".")[0], lambda name=name: others.package(name, TARGET)
    yield others.CROSSWALK.split(".")[0], lambda: others.crosswalk(TARGET)


KINDS = {"films": _films, "documents": _documents, "sounds": _sounds, "others": _others}

if __name__ == "__main__":
    wanted = set(sys.argv[2:])
    TARGET.mkdir(exist_ok=True)
    for name, make in KINDS[sys.argv[1]]():
        if not wanted or name in wanted:
            make()
            print(name)
