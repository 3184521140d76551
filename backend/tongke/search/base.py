"""What the platform asks of a search engine: documents in, ids and counts out."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from tongke.errors import SearchUnavailable
from tongke.i18n import say

FACETS = (
    "subject",
    "stage",
    "grade",
    "edition",
    "volume",
    "type",
    "language",
    "licence",
    "region",
    "school_kind",
    "duration",
)
"""The facets of ``/resources`` and of ``GET /api/v1/resources``, in the order they are shown."""

MATCH_START, MATCH_END = "\ue000", "\ue001"
"""Around each match in a highlight; private-use characters, so that no text can forge them."""

COUNTY_DIGITS = 6

MAX_EXACT_TOTAL = 10_000
"""Above this many hits an engine may answer with bounds."""


class IndexDamaged(SearchUnavailable):
    """The index is broken or gone and will not come back by waiting: it has to be rebuilt."""

    code = "index-damaged"

    def __init__(self) -> None:
        super().__init__(say("搜索索引已损坏，需要重建。"))


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Document:
    """A published resource as the index knows it. Facet values are the stored labels people read.

    ``regions`` are the code and its prefixes (33, 3301, 330102); ``framework_items`` the aligned items and all
    their ancestors; ``audiences`` the marks of which a viewer must hold one (see ``Actor.audiences``).
    """

    id: UUID
    title: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    author: str = ""
    school: str = ""
    unit: str = ""
    curriculum: str = ""
    text: str = ""
    subject: str = ""
    stage: str = ""
    grade: int | None = None
    edition: str = ""
    volume: str = ""
    type: str = ""
    language: str = ""
    licence: str = ""
    regions: tuple[str, ...] = ()
    school_kind: str = ""
    duration: str = ""
    framework_items: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    published_at: float = 0.0
    rating: float = 0.0

    @property
    def county(self) -> str:
        """The region it is counted under: its county, or what is known above it."""
        return max((code for code in self.regions if len(code) <= COUNTY_DIGITS), key=len, default="")


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. ``filters`` maps a facet (or ``framework_item``) to accepted values: OR within, AND across."""

    text: str = ""
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    audiences: frozenset[str] = frozenset({"public"})
    excluded: frozenset[UUID] = frozenset()
    facets: tuple[str, ...] = FACETS
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    page_size: int = 20


@dataclass(frozen=True, slots=True)
class Hit:
    id: UUID
    highlights: dict[str, str] = field(default_factory=dict)  # field → text with its matches marked


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of answers. Each facet's counts ignore that facet's own selection."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    total_is_exact: bool = True
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


class SearchEngine(Protocol):
    """An index of documents. Errors: ``SearchUnavailable``."""

    def upsert(self, documents: list[Document]) -> None:
        """Put or replace; returns when the documents can be found."""

    def remove(self, ids: list[UUID]) -> None:
        """Take out; returns when they cannot be found any more."""

    def search(self, query: Query) -> Hits:
        """One page of what matches."""

    def suggest(self, text: str, audiences: frozenset[str], excluded: frozenset[UUID], limit: int = 8) -> list[str]:
        """Titles that complete ``text``, best first."""

    def begin_rebuild(self) -> SearchEngine:
        """A fresh empty index beside the live one, to be filled with ``upsert``."""

    def finish_rebuild(self, fresh: SearchEngine, *, keep: bool) -> None:
        """Swap ``fresh`` in (``keep``) or drop it; the live index answers until the swap."""

    def ids(self) -> set[UUID]:
        """Every id in the index, for ``tongke index verify``."""
