"""Rows of a search answer as cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from tongke.config import Settings
from tongke.discovery.listing import Listed
from tongke.media.addresses import rendition_address
from tongke.resources.vocabulary import grade_label
from tongke_web.rendering import Pages
from tongke_web.shared.card import Card


def cards_of_listed(
    pages: Pages,
    settings: Settings,
    rows: Sequence[Listed],
    highlights: Mapping[UUID, Mapping[str, str]] | None = None,
    *,
    low_data: bool = False,
) -> list[Card]:
    """Cards in the order of ``rows``; on a low-data line covers are drawn, not loaded."""
    marked = highlights or {}
    address = pages.pattern("resources:detail").format
    return [_card(address(resource_id=row.id), settings, row, marked.get(row.id, {}), low_data) for row in rows]


def _card(url: str, settings: Settings, row: Listed, marked: Mapping[str, str], low_data: bool) -> Card:
    return Card(
        url=url,
        title=marked.get("title", row.title),
        type=row.type,
        subject=row.subject,
        path=tuple(part for part in (row.edition, _grade(row), row.unit) if part),
        school=row.school_name,
        place=row.locality,
        duration_s=row.duration_s,
        size_bytes=row.size_bytes,
        rating=row.rating,
        rating_count=row.rating_count,
        use_count=row.use_count,
        poster_url=rendition_address(settings, row.poster_key) if row.poster_key and not low_data else "",
        language=row.language,
        ai_generated=row.ai_generated,
        excerpt=marked.get("description", ""),
    )


def _grade(row: Listed) -> str:
    return f"{grade_label(row.grade)}{row.volume}" if row.grade else row.volume
