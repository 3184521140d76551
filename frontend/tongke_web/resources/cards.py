"""Resources named elsewhere as the cards of a list."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from tongke.accounts.actor import Actor
from tongke.discovery import listing
from tongke.http.deps import Db
from tongke.http.platform import platform_of
from tongke.resources import lists
from tongke_web.rendering import Pages, is_low_data
from tongke_web.resources.listed import cards_of_listed
from tongke_web.shared.card import Card


def cards_of(request: Request, db: Db, actor: Actor, rows: Sequence[lists.Card]) -> list[Card]:
    """The cards of ``rows``, all of which the actor may read, with size, length and cover; one query."""
    pages: Pages = request.app.state.pages
    found = listing.by_ids(db, actor, [row.id for row in rows])
    shown = [found[row.id] for row in rows]
    return cards_of_listed(pages, platform_of(request).settings, shown, low_data=is_low_data(request))
