"""The parts of a draft beside its form: files, captions, alignments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from starlette.responses import Response

from tongke.accounts.actor import Actor
from tongke.curriculum import queries as curriculum
from tongke.db import reading, transaction
from tongke.errors import NotFound, RefusedContent, TongkeError, TooLarge
from tongke.http.deps import CurrentPlatform, Db, SignedIn
from tongke.http.platform import Platform
from tongke.i18n import Text, say
from tongke.media.queries import assets_of
from tongke.resources import service, views, vocabulary
from tongke.resources.models import LearningResource, Relation, Revision
from tongke.resources.schemas import draft_fields
from tongke_web.editing.placing import clear_place, fill_place
from tongke_web.editing.uploading import take_in
from tongke_web.editing.views import TOLD_IN_FORM, edit_page, own_resource
from tongke_web.rendering import Pages, page, see_other_path

router = APIRouter(prefix="/resources/{resource_id:uuid}/edit")


def _back(
    request: Request, resource_id: UUID, section: str, *, done: Text | None = None, filled: Sequence[str] = ()
) -> Response:
    """Back to the section of the form something was done in."""
    pages: Pages = request.app.state.pages
    path = pages.url("resources:edit", {"filled": filled}, resource_id=resource_id)
    return see_other_path(request, f"{path}#{section}", done=done)


@router.post("/files", name="resources:attach")
def attach(
    request: Request,
    platform: CurrentPlatform,
    actor: SignedIn,
    resource_id: UUID,
    assets: Annotated[list[UUID] | None, Form()] = None,
    files: Annotated[list[UploadFile] | None, Form()] = None,
) -> Response:
    """Add files: those already sent piece by piece, and those that came with the form."""
    with reading(platform.engine) as db:
        own_resource(db, actor, resource_id)
    taken = list(assets or ())
    try:
        take_in(platform, actor, files or (), taken)
        with transaction(platform.engine) as db:
            resource = own_resource(db, actor, resource_id)
            _say_how_long(db, actor, resource, service.attach(db, actor, resource, taken), taken)
    except (*TOLD_IN_FORM, RefusedContent, TooLarge) as error:
        return _edit_with(request, platform, actor, resource_id, error, taken)
    platform.wake()
    return _back(request, resource_id, "files", done=say("文件已加入草稿。"))


def _say_how_long(
    db: Db, actor: Actor, resource: LearningResource, revision: Revision, asset_ids: Sequence[UUID]
) -> None:
    """Fill an empty "time required" with the length of the films added."""
    lasting = round(sum(asset.duration_s or 0 for asset in assets_of(db, asset_ids)))
    if lasting and revision.time_required_s is None:
        service.save_draft(db, actor, resource, draft_fields({"time_required_s": lasting}))


def _edit_with(
    request: Request, platform: Platform, actor: Actor, resource_id: UUID, error: TongkeError, taken: Sequence[UUID]
) -> Response:
    with reading(platform.engine) as db:
        return edit_page(request, db, actor, platform.settings, resource_id, error=error, taken=taken)


@router.post("/files/{asset_id}/removal", name="resources:detach")
def detach(request: Request, db: Db, actor: SignedIn, resource_id: UUID, asset_id: UUID) -> Response:
    resource = own_resource(db, actor, resource_id)
    service.detach(db, actor, resource, asset_id)
    return _back(request, resource.id, "files", done=say("文件已从草稿里移除。"))


@router.post("/files/{asset_id}/title", name="resources:entitle")
def entitle(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource_id: UUID,
    asset_id: UUID,
    title: Annotated[str, Form()] = "",
) -> Response:
    resource = own_resource(db, actor, resource_id)
    service.entitle(db, actor, resource, asset_id, title.strip())
    return _back(request, resource.id, "files", done=say("文件已改名。"))


@router.post("/files/{asset_id}/place", name="resources:move_file")
def move_file(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource_id: UUID,
    asset_id: UUID,
    step: Annotated[int, Form(ge=-1, le=1)],
) -> Response:
    """One place up (-1) or down (+1)."""
    resource = own_resource(db, actor, resource_id)
    view = views.detail(db, actor, resource.id, pending=True)
    order = [f.asset.id for f in view.files if f.is_main]
    if asset_id not in order:
        raise NotFound
    here = order.index(asset_id)
    there = min(max(here + step, 0), len(order) - 1)
    order[here], order[there] = order[there], order[here]
    service.reorder(db, actor, resource, order)
    return _back(request, resource.id, "files")


@router.get("/alignments", name="resources:find_items")
def find_items(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource_id: UUID,
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Framework items that match what is typed, those of the draft's subject first."""
    resource = own_resource(db, actor, resource_id)
    view = views.detail(db, actor, resource.id, pending=True)
    subject = view.revision.subject
    found = curriculum.search_items(db, q, subject=subject) if q else []
    if subject and not found:
        found = curriculum.search_items(db, q)
    return page(
        request,
        "editing/items.html",
        fragment="items",
        resource=resource,
        revision=view.revision,
        q=q,
        found=found,
        relations=vocabulary.RELATIONS,
        present={a.item.id for a in view.alignments},
    )


@router.post("/alignments", name="resources:align")
def align(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource_id: UUID,
    item: Annotated[UUID, Form()],
    relation: Annotated[Relation, Form()] = Relation.TEACHES,
) -> Response:
    """Align the draft to an item; what the item says about subject and grade fills what is still empty."""
    resource = own_resource(db, actor, resource_id)
    service.align_to(db, actor, resource, item, relation)
    filled = fill_place(db, actor, resource, item)
    return _back(request, resource.id, "alignments", done=say("已对应。"), filled=filled)


@router.post("/alignments/unfilling", name="resources:unfill")
def unfill(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource_id: UUID,
    name: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Take back what an alignment filled in by itself."""
    resource = own_resource(db, actor, resource_id)
    clear_place(db, actor, resource, name or ())
    return _back(request, resource.id, "place", done=say("已恢复为空。"))


@router.post("/alignments/removal", name="resources:unalign")
def unalign(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource_id: UUID,
    item: Annotated[UUID, Form()],
    relation: Annotated[Relation, Form()],
) -> Response:
    resource = own_resource(db, actor, resource_id)
    service.remove_alignment(db, actor, resource, item, relation)
    return _back(request, resource.id, "alignments")
