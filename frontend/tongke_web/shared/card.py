"""What a resource card shows: a value the feature's view fills, so that templates cause no queries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One resource in a list. ``title`` may carry the search engine's marks; empty and None mean: not said."""

    url: str
    title: str
    type: str
    subject: str = ""
    path: tuple[str, ...] = ()
    school: str = ""
    place: str = ""
    duration_s: float | None = None
    size_bytes: int = 0
    rating: float = 0.0
    rating_count: int = 0
    use_count: int = 0
    poster_url: str = ""
    language: str = ""
    state: str = ""
    ai_generated: bool = False
    excerpt: str = ""
