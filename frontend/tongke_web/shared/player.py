"""What the player is given: addresses, sizes, captions, chapters of one video or recording."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One way to play it. ``kind``: ``hls``, ``remux``, ``mp4_240`` or ``audio``."""

    kind: str
    url: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Captions as WebVTT."""

    url: str
    language: str
    words: str


@dataclass(frozen=True, slots=True)
class Chapter:
    start_s: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """One picture holding small frames in rows, one every ``interval_s``."""

    url: str
    interval_s: float
    columns: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Playable:
    """``key`` names it in the browser's memory of positions. ``renew_url`` answers JSON ``{kind: fresh address}``.

    ``use_url`` is told once when it has been played for a while.
    ``expires_at`` is the epoch second after which the addresses no longer work.
    """

    key: str
    title: str
    sources: tuple[Source, ...]
    duration_s: float = 0.0
    poster_url: str = ""
    tracks: tuple[Track, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    storyboard: Storyboard | None = None
    renew_url: str = ""
    use_url: str = ""
    expires_at: float = 0.0
    is_sound: bool = False

    def source(self, *kinds: str) -> Source | None:
        """The first present source of ``kinds``, in their order."""
        found = {source.kind: source for source in self.sources}
        return next((found[kind] for kind in kinds if kind in found), None)
