"""Named diagrams for decks, documents and posters."""

from __future__ import annotations

from demo_authoring.diagrams import nature, numbers, words, world
from demo_authoring.diagrams.registry import description, picture, png

KEPT = (nature, numbers, words, world)
"""Their diagrams are known by name once they are imported."""

__all__ = ["KEPT", "description", "picture", "png"]
