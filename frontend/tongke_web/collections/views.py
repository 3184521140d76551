"""Collections: one's own and public ones, filling, ordering and sharing them."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from tongke.accounts.actor import Actor
from tongke.collections import policy, queries, service
from tongke.collections.models import Collection
from tongke.errors import Conflict, Invalid, TongkeError
from tongke.http.deps import CurrentActor, CurrentSettings, Db, SignedIn
from tongke.i18n import say
from tongke.resources import queries as resources
from tongke_web.rendering import Pages, page, see_other
from tongke_web.resources.cards import cards_of

router = APIRouter(prefix="/collections")
PAGE_SIZE = 20
PageNumber = Annotated[int, Query(ge=1, le=100_000, alias="page")]
Field = Annotated[str, Form()]
TOLD_IN_FORM = (Invalid, Conflict)


@router.get("", name="collections:list")
def listing(request: Request, db: Db, actor: CurrentActor, mine: bool = False, number: PageNumber = 1) -> Response:
    """Collections open to everybody, or one's own."""
    return _list_page(request, db, actor, mine=mine and actor.is_signed_in, number=number)


def _list_page(
    request: Request,
    db: Db,
    actor: Actor,
    *,
    mine: bool,
    number: int = 1,
    error: TongkeError | None = None,
    title: str = "",
) -> Response:
    read = queries.own if mine else queries.public
    lines, total = read(db, actor, page=number, page_size=PAGE_SIZE)
    return page(
        request,
        "collections/list.html",
        fragment="results",
        status=error.status if error else 200,
        lines=lines,
        total=total,
        mine=mine,
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=_address(request, mine),
        error=error,
        title=title,
    )


def _address(request: Request, mine: bool) -> Callable[[int], str]:
    pages: Pages = request.app.state.pages
    return lambda number: pages.url("collections:list", {"mine": "true" if mine else None, "page": number})


@router.post("", name="collections:create")
def create(request: Request, db: Db, actor: SignedIn, title: Field = "", description: Field = "") -> Response:
    try:
        collection = service.create(db, actor, title=title, description=description)
    except TOLD_IN_FORM as error:
        return _list_page(request, db, actor, mine=True, error=error, title=title)
    done = say("专题已建立。在资源页面按“放进专题”来收入资源。")
    return see_other(request, "collections:detail", collection_id=collection.id, done=done)


@router.get("/choose/{resource_id}", name="collections:choose")
def choose(request: Request, db: Db, actor: SignedIn, resource_id: UUID) -> Response:
    """Into which of one's collections a resource goes."""
    seen = resources.seen(db, actor, resource_id)
    lines, _ = queries.own(db, actor, page_size=100)
    return page(
        request,
        "collections/choose.html",
        seen=seen,
        lines=lines,
        holding=set(queries.holding(db, actor, resource_id)),
    )


@router.post("/choose/{resource_id}", name="collections:put")
def put(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource_id: UUID,
    collection: Annotated[UUID | None, Form()] = None,
    title: Field = "",
) -> Response:
    """Put a resource into a collection, one's own or a new one."""
    seen = resources.seen(db, actor, resource_id)
    chosen = queries.collection(db, actor, collection) if collection else service.create(db, actor, title=title)
    db.flush()  # the item refers to a collection that may be new
    service.add(db, actor, chosen, seen)
    done = say("已放进“{title}”。", title=chosen.title)
    return see_other(request, "resources:detail", resource_id=resource_id, done=done)


@router.get("/{collection_id}", name="collections:detail")
def detail(
    request: Request, db: Db, actor: CurrentActor, settings: CurrentSettings, collection_id: UUID, key: str = ""
) -> Response:
    """The resources of a collection in order; ``key`` is the link's token."""
    view = queries.view(db, actor, collection_id, share_token=key or None)
    token = view.collection.share_token
    base = f"{settings.base_url}/collections/{collection_id}"
    cards = cards_of(request, db, actor, [entry.card for entry in view.entries])
    return page(
        request,
        "collections/detail.html",
        view=view,
        collection=view.collection,
        entries=list(zip(cards, view.entries, strict=True)),
        may_edit=policy.may_edit(actor, view.collection),
        may_open=policy.may_open_to_all(actor, view.collection),
        share_url=f"{base}?key={token}" if token else base if view.collection.is_public else "",
    )


@router.post("/{collection_id}", name="collections:rename")
def rename(
    request: Request, db: Db, actor: SignedIn, collection_id: UUID, title: Field = "", description: Field = ""
) -> Response:
    service.rename(db, actor, _own(db, actor, collection_id), title=title, description=description)
    return see_other(request, "collections:detail", collection_id=collection_id, done=say("已保存。"))


@router.post("/{collection_id}/items/{resource_id}", name="collections:arrange")
def arrange(
    request: Request,
    db: Db,
    actor: SignedIn,
    collection_id: UUID,
    resource_id: UUID,
    step: Annotated[int, Form(ge=-1, le=1)] = 0,
) -> Response:
    """Move a resource one place up (-1) or down (+1), or take it out (0)."""
    collection = _own(db, actor, collection_id)
    if step:
        order = [entry.card.id for entry in queries.view(db, actor, collection_id).entries]
        if resource_id in order:
            here = order.index(resource_id)
            there = min(max(here + step, 0), len(order) - 1)
            order[here], order[there] = order[there], order[here]
            service.reorder(db, actor, collection, order)
    else:
        service.remove(db, actor, collection, resource_id)
    return see_other(request, "collections:detail", collection_id=collection_id)


@router.post("/{collection_id}/access", name="collections:access")
def access(
    request: Request, db: Db, actor: SignedIn, collection_id: UUID, who: Annotated[str, Form()] = "me"
) -> Response:
    """Who sees it: everybody, whoever has the link, or only me."""
    collection = _own(db, actor, collection_id)
    if collection.is_public != (who == "all"):
        service.open_to_all(db, actor, collection, is_public=who == "all")
    if who == "link":
        service.share(db, actor, collection)
    elif who == "me" and collection.share_token:
        service.unshare(db, actor, collection)
    return see_other(request, "collections:detail", collection_id=collection_id, done=say("已保存。"))


@router.post("/{collection_id}/deletion", name="collections:delete")
def delete(request: Request, db: Db, actor: SignedIn, collection_id: UUID) -> Response:
    service.delete_collection(db, actor, _own(db, actor, collection_id))
    return see_other(request, "collections:list", {"mine": "true"}, done=say("专题已删除，里面的资源还在。"))


def _own(db: Db, actor: Actor, collection_id: UUID) -> Collection:
    return queries.collection(db, actor, collection_id)
