"""What a node of a chapter tree shows: values the feature's view fills."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Twig:
    """One item of a tree. A closed twig with ``has_children`` but no ``children`` is fetched from ``children_url``."""

    id: str
    url: str
    words: str
    count: int | None = None
    is_current: bool = False
    is_open: bool = False
    has_children: bool = False
    children: tuple[Twig, ...] = ()
    children_url: str = ""
    language: str = ""
