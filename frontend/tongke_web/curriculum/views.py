"""The curriculum as a tree: textbooks by subject and grade, standards, local curricula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tongke.accounts.actor import Actor
from tongke.curriculum import bookshelf, queries
from tongke.curriculum.models import FrameworkFamily
from tongke.curriculum.queries import ItemLine
from tongke.discovery import service as discovery
from tongke.discovery.query import ResourceQuery
from tongke.errors import NotFound
from tongke.http.deps import CurrentActor, CurrentSettings, Db, Search
from tongke.i18n import Text, say
from tongke.search.base import Sort
from tongke_web.home.timetable import timetable
from tongke_web.rendering import Pages, is_low_data, page, see_other, wants_fragment
from tongke_web.resources.listed import cards_of_listed
from tongke_web.shared.tree import Twig

router = APIRouter(prefix="/curriculum")
Words = Annotated[str, Query(max_length=100)]
ON_ITEM_PAGE = 12
FAMILIES: dict[FrameworkFamily, Text] = {
    FrameworkFamily.STANDARD: say("国家课程标准（2022 年版）"),
    FrameworkFamily.TEXTBOOK: say("教材目录"),
    FrameworkFamily.LOCAL: say("地方与校本课程"),
}


def counting(db: Db, actor: Actor) -> queries.Counts:
    """How many resources this reader finds at or below each item."""

    def counts(_session: Db, item_ids: Sequence[UUID]) -> dict[UUID, int]:
        return discovery.counts_by_framework_item(db, actor, item_ids)

    return counts


@router.get("", name="curriculum:home")
def home(request: Request, db: Db, q: Words = "") -> Response:
    """Where to begin: grade and subject, a framework, or words."""
    frameworks, _ = queries.frameworks(db, limit=200)
    return page(
        request,
        "curriculum/home.html",
        q=q,
        found=queries.search_items(db, q, limit=40) if q else [],
        rows=timetable(bookshelf.shelves(db), {}),
        families=[
            (words, [f for f in frameworks if f.family == family])
            for family, words in FAMILIES.items()
            if family is not FrameworkFamily.TEXTBOOK
        ],
    )


@router.get("/books", name="curriculum:books")
def books(
    request: Request,
    db: Db,
    actor: CurrentActor,
    subject: Words = "",
    grade: Annotated[int | None, Query(ge=1, le=12)] = None,
    edition: Words = "",
) -> Response:
    """The textbooks of a subject in a grade with their chapters, new and old editions side by side."""
    if not subject and grade is None:
        return see_other(request, "curriculum:home")  # where both are chosen
    shelved = bookshelf.books(db, subject=subject, grade=grade, edition=edition, counts=counting(db, actor))
    return page(
        request,
        "curriculum/books.html",
        subject=subject,
        grade=grade,
        edition=edition,
        editions=sorted({book.item.edition for book in shelved}),
        books=shelved,
    )


@router.get("/items/{item_id}", name="curriculum:item")
def item(
    request: Request, db: Db, actor: CurrentActor, search: Search, settings: CurrentSettings, item_id: UUID
) -> Response:
    """One item: the way to it, what is below, its resources and what it corresponds to elsewhere."""
    found = queries.item(db, item_id)
    query = ResourceQuery(filters={"framework_item": (str(item_id),)}, sort=Sort.NEWEST, page_size=ON_ITEM_PAGE)
    resources = discovery.find(db, search, actor, query)
    pages: Pages = request.app.state.pages
    crumbs = queries.breadcrumb(db, found)
    return page(
        request,
        "curriculum/item.html",
        item=found,
        crumbs=crumbs,
        twigs=_tree(db, actor, pages, found.document_id, crumbs[1:]),
        related=queries.related(db, item_id),
        resources=resources,
        cards=cards_of_listed(pages, settings, resources.rows, low_data=is_low_data(request)),
    )


@router.get("/frameworks/{framework_id}", name="curriculum:framework")
def framework(request: Request, db: Db, actor: CurrentActor, framework_id: UUID) -> Response:
    """A framework from its top."""
    found = queries.framework(db, framework_id)
    if found.retired:
        raise NotFound
    pages: Pages = request.app.state.pages
    return page(
        request,
        "curriculum/framework.html",
        framework=found,
        twigs=_tree(db, actor, pages, found.id, []),
    )


@router.get("/items/{item_id}/below", name="curriculum:below")
def below(
    request: Request, db: Db, actor: CurrentActor, item_id: UUID, level: Annotated[int, Query(ge=1)] = 2
) -> Response:
    """The items right below one, for a tree that is being opened; as a page, the item's own shows them."""
    found = queries.item(db, item_id)
    if not wants_fragment(request):
        return see_other(request, "curriculum:item", item_id=item_id)
    lines = queries.children(db, found.document_id, found.id, counts=counting(db, actor))
    pages: Pages = request.app.state.pages
    twigs = tuple(_twig(pages, line) for line in lines)
    return page(request, "curriculum/below.html", fragment="twigs", twigs=twigs, level=level)


def _tree(db: Db, actor: Actor, pages: Pages, document_id: UUID, way: Sequence[queries.Crumb]) -> tuple[Twig, ...]:
    """The tree opened along ``way``: siblings at each step, counts in one query a level."""
    inner: tuple[Twig, ...] = ()
    inner_of: UUID | None = None
    steps: list[UUID | None] = [None, *(crumb.item_id for crumb in way)]
    current = steps[-1]
    for parent in reversed(steps):
        lines = queries.children(db, document_id, parent, counts=counting(db, actor))
        level = tuple(
            _twig(pages, line, inner if line.id == inner_of else (), is_current=line.id == current) for line in lines
        )
        inner, inner_of = level, parent
    return inner


def _twig(pages: Pages, line: ItemLine, children: tuple[Twig, ...] = (), *, is_current: bool = False) -> Twig:
    return Twig(
        id=str(line.id),
        url=pages.url("curriculum:item", item_id=line.id),
        words=line.title,
        count=line.resources,
        is_current=is_current,
        is_open=bool(children),
        has_children=line.has_children,
        children=children,
        children_url=pages.url("curriculum:below", item_id=line.id) if line.has_children else "",
        language="zh-CN",
    )
