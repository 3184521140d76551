"""Small answers about one file of a resource: what is still being made, fresh addresses, another try."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from tongke.accounts.actor import Actor
from tongke.errors import NotFound
from tongke.http.deps import CurrentActor, CurrentSettings, Db, SignedIn
from tongke.i18n import say
from tongke.media import queries as media_queries
from tongke.media import renditions
from tongke.media.addresses import expires_at
from tongke.resources import policy, queries, views
from tongke.resources.views import FileView
from tongke_web.rendering import page, see_other
from tongke_web.resources.media_view import media_views, sources

router = APIRouter(prefix="/resources/{resource_id}/files/{asset_id}")


def files_url(resource_id: UUID) -> str:
    """The address below which the files of a resource answer."""
    return f"/resources/{resource_id}/files"


@router.get("/making", name="resources:making")
def making(
    request: Request, db: Db, actor: CurrentActor, settings: CurrentSettings, resource_id: UUID, asset_id: UUID
) -> Response:
    """The versions that are not there yet; once the last is done, the page is told to load anew."""
    seen, file = file_of(db, actor, resource_id, asset_id)
    view = media_views(settings, [file], files_url(resource_id))[0]
    may_retry = policy.may_edit(actor, seen.resource)
    response = page(request, "resources/making.html", fragment="making", view=view, may_retry=may_retry)
    if not view.is_under_way:
        response.headers["HX-Refresh"] = "true"
    return response


@router.post("/making/{rendition_id}", name="resources:make_again")
def make_again(
    request: Request, db: Db, actor: SignedIn, resource_id: UUID, asset_id: UUID, rendition_id: UUID
) -> Response:
    _, file = file_of(db, actor, resource_id, asset_id)
    rendition = media_queries.rendition(db, rendition_id)
    if rendition.sha256 != file.asset.sha256:
        raise NotFound
    renditions.retry(db, actor, rendition)
    return see_other(request, "resources:detail", resource_id=resource_id, done=say("已重新排队处理。"))


@router.get("/addresses", name="resources:addresses")
def addresses(
    db: Db, actor: CurrentActor, settings: CurrentSettings, resource_id: UUID, asset_id: UUID
) -> JSONResponse:
    """Fresh addresses for a player whose own are about to end: kind to address, and the second (epoch) they end."""
    _, file = file_of(db, actor, resource_id, asset_id)
    fresh = {source.kind: source.url for source in sources(settings, file)}
    return JSONResponse({**fresh, "expires_at": expires_at(file.asset.duration_s)})


def file_of(db: Db, actor: Actor, resource_id: UUID, asset_id: UUID) -> tuple[queries.Seen, FileView]:
    """The file as part of what the actor may see of the resource, published or waiting; raises ``NotFound``."""
    seen = queries.seen(db, actor, resource_id)
    for revision in (seen.shown, seen.pending):
        for file in views.files(db, revision) if revision else ():
            if file.asset.id == asset_id and file.is_main:
                return seen, file
    raise NotFound
