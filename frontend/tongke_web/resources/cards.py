"""Resources as the cards of a list."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from tongke.resources import lists
from tongke_web.rendering import Pages
from tongke_web.shared.card import Card


def cards_of(request: Request, rows: Sequence[lists.Card]) -> list[Card]:
    pages: Pages = request.app.state.pages
    return [
        Card(
            url=pages.url("resources:detail", resource_id=row.id),
            title=row.title,
            type=row.type,
            subject=row.subject,
            school=row.school_name,
            rating=row.rating_sum / row.rating_count if row.rating_count else 0.0,
            rating_count=row.rating_count,
        )
        for row in rows
    ]
