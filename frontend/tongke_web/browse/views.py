"""Search and browse: one address answers the page and, for htmx, its results."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Annotated, Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from tongke.accounts import queries as accounts
from tongke.accounts.actor import Actor
from tongke.curriculum import queries as curriculum
from tongke.db import reading
from tongke.discovery import service as discovery
from tongke.discovery.query import ResourceQuery
from tongke.errors import NotFound
from tongke.http.deps import CurrentActor, CurrentPlatform, Db, Search
from tongke.http.platform import Platform
from tongke.i18n import Text, say
from tongke.resources import queries as resources
from tongke.resources.short_codes import LENGTH
from tongke.search.base import Sort
from tongke_web.browse.choices import WORDS, chips, facets, shown_values
from tongke_web.rendering import Pages, is_low_data, page
from tongke_web.resources.listed import cards_of_listed

router = APIRouter()
NAMES_KEPT_S = 300.0
_NAMES: WeakKeyDictionary[Any, tuple[dict[str, str], float]] = WeakKeyDictionary()
"""By database: tests and tools open several in one process."""
SORTS: dict[Sort, Text] = {Sort.RELEVANCE: say("最相关"), Sort.NEWEST: say("最新"), Sort.RATING: say("评分最高")}


@router.get("/resources", name="resources:browse")
def browse(request: Request, actor: CurrentActor, platform: CurrentPlatform) -> Response:
    """What matches, with facets; a short code in place of words leads straight to its resource."""
    with reading(platform.engine) as db:  # one thread for all of it: what is asked for most is kept cheapest
        return _found_page(request, db, actor, platform)


def _found_page(request: Request, db: Db, actor: Actor, platform: Platform) -> Response:
    query = ResourceQuery.of(request.query_params.multi_items())
    if query.page == 1 and (found_id := _short_code(db, actor, query.text)):
        return RedirectResponse(_pages(request).url("resources:detail", resource_id=found_id), 303)
    found = discovery.find(db, platform.search, actor, query)
    whole = request.query_params.get("more", "")
    shown = {name: shown_values(found, name, whole) for name in WORDS}
    names = _names(db, found, shown["region"])
    address = _address(request)
    first = address(query.on_page(1))
    return page(
        request,
        "browse/browse.html",
        fragment="results",
        query=query,
        found=found,
        cards=cards_of_listed(
            _pages(request), platform.settings, found.rows, found.highlights, low_data=is_low_data(request)
        ),
        facets=facets(found, shown, names, whole, lambda name: _with(address(query), more=name)),
        whole=whole if whole in WORDS else "",
        chips=chips(query, names, address),
        clear_url=address(ResourceQuery(text=query.text, sort=query.sort)),
        sorts=list(SORTS.items()),
        address=lambda number: _with(first, page=str(number)) if number > 1 else first,
    )


@router.get("/resources/suggestions", name="resources:suggestions")
def suggestions(
    db: Db, search: Search, actor: CurrentActor, q: Annotated[str, Query(max_length=200)] = ""
) -> JSONResponse:
    """Titles that complete what is typed in the search box."""
    return JSONResponse(discovery.suggest(db, search, actor, q))


def _short_code(db: Db, actor: Actor, text: str) -> str | None:
    typed = text.replace(" ", "").replace("-", "")
    if len(typed) != LENGTH or not typed.isascii() or not typed.isalnum():
        return None
    try:
        return str(resources.by_short_code(db, actor, typed).id)
    except NotFound:
        return None


def _names(db: Db, found: discovery.Found, regions: list[str]) -> dict[str, dict[str, str]]:
    """The words for values that are codes or ids: the regions that are shown, and framework items."""
    items = found.query.filters.get("framework_item", ())
    labels = curriculum.label_paths(db, curriculum.as_ids(items)) if items else {}
    return {
        "region": _region_names(db) if regions else {},
        "framework_item": {str(item): label for item, label in labels.items()},
    }


def _region_names(db: Db) -> dict[str, str]:
    """The names of all counties, read once in a while: they hardly change, and every search shows a dozen."""
    engine = db.get_bind()
    names, until = _NAMES.get(engine, ({}, 0.0))
    if until < monotonic():
        names = accounts.county_names(db)
        _NAMES[engine] = names, monotonic() + NAMES_KEPT_S
    return names


def _with(address: str, **more: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(more)}"


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def _address(request: Request) -> Callable[[ResourceQuery], str]:
    base = _pages(request).url("resources:browse")

    def address(query: ResourceQuery) -> str:
        asked = query.query_string()
        return f"{base}?{asked}" if asked else base

    return address
