"""The first page: what this is, where to begin, what is new."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongke.curriculum import bookshelf
from tongke.discovery import service as discovery
from tongke.discovery.query import ResourceQuery
from tongke.http.deps import CurrentActor, CurrentSettings, Db, Search
from tongke.resources import lists
from tongke.review import policy as review_policy
from tongke.review import queries as reviews
from tongke.review.queries import Pile
from tongke.search.base import Sort
from tongke_web.home.timetable import timetable
from tongke_web.rendering import Pages, is_low_data, page
from tongke_web.resources.listed import cards_of_listed

router = APIRouter()
NEWEST = 8


@router.get("/", name="home")
def home(request: Request, db: Db, search: Search, actor: CurrentActor, settings: CurrentSettings) -> Response:
    """A grid of grades and subjects, what is new, and what waits for this person."""
    found = discovery.find(db, search, actor, ResourceQuery(sort=Sort.NEWEST, page_size=NEWEST))
    pages: Pages = request.app.state.pages
    return page(
        request,
        "home/home.html",
        rows=timetable(bookshelf.shelves(db), found.facets.get("grade", {})),
        newest=cards_of_listed(pages, settings, found.rows, low_data=is_low_data(request)),
        total=found.total,
        counts=lists.own_counts(db, actor) if actor.is_signed_in else {},
        waiting=reviews.queue_counts(db, actor)[Pile.WAITING] if review_policy.has_a_desk(actor) else 0,
    )
