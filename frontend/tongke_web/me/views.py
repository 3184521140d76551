"""One's own resources by state, and one's favourites."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tongke.http.deps import Db, SignedIn
from tongke.resources import lists, vocabulary
from tongke_web.rendering import Pages, page
from tongke_web.resources.cards import cards_of

router = APIRouter(prefix="/me")
PAGE_SIZE = 20
PageNumber = Annotated[int, Query(ge=1, le=100_000, alias="page")]


@router.get("", name="me:resources")
def resources(request: Request, db: Db, actor: SignedIn, state: str = "", number: PageNumber = 1) -> Response:
    """What I made, by state, last saved first."""
    chosen = state if state in vocabulary.STATES else ""
    rows, total = lists.own(db, actor, state=chosen or None, page=number, page_size=PAGE_SIZE)
    counts = lists.own_counts(db, actor)
    return page(
        request,
        "me/resources.html",
        fragment="results",
        rows=rows,
        total=total,
        state=chosen,
        counts=[(name, words, counts[name]) for name, words in vocabulary.STATES.items() if counts.get(name)],
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=_address(request, "me:resources", {"state": chosen}),
    )


@router.get("/favourites", name="me:favourites")
def favourites(request: Request, db: Db, actor: SignedIn, number: PageNumber = 1) -> Response:
    """What I kept, last kept first; what can no longer be read is not shown."""
    rows, total = lists.favourites(db, actor, page=number, page_size=PAGE_SIZE)
    return page(
        request,
        "me/favourites.html",
        fragment="results",
        cards=cards_of(request, db, actor, rows),
        total=total,
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=_address(request, "me:favourites", {}),
    )


def _address(request: Request, name: str, asked: dict[str, str]) -> Callable[[int], str]:
    pages: Pages = request.app.state.pages
    return lambda number: pages.url(name, {**asked, "page": number})
