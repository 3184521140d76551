"""The parts of a draft beside its form: files, captions, alignments."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from starlette.responses import Response

from tongke.accounts.actor import Actor
from tongke.curriculum import queries as curriculum
from tongke.db import reading, transaction
from tongke.errors import NotFound, TongkeError
from tongke.http.deps import CurrentPlatform, Db, SignedIn
from tongke.http.platform import Platform
from tongke.i18n import say
from tongke.resources import service, views
from tongke.resources.models import LearningResource, Relation
from tongke_web.editing.uploading import take_in
from tongke_web.editing.views import TOLD_IN_FORM, OwnResource, edit_page, own_resource
from tongke_web.rendering import page, see_other

router = APIRouter(prefix="/resources/{resource_id:uuid}/edit")


def _back(request: Request, resource: LearningResource) -> Response:
    return see_other(request, "resources:edit", resource_id=resource.id)


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
    try:
        taken = [*(assets or ()), *take_in(platform, actor, files or ())]
        with transaction(platform.engine) as db:
            service.attach(db, actor, own_resource(db, actor, resource_id), taken)
    except TOLD_IN_FORM as error:
        return _edit_with(request, platform, actor, resource_id, error)
    platform.wake()
    return see_other(request, "resources:edit", resource_id=resource_id, done=say("文件已加入草稿。"))


def _edit_with(request: Request, platform: Platform, actor: Actor, resource_id: UUID, error: TongkeError) -> Response:
    with reading(platform.engine) as db:
        return edit_page(request, db, actor, platform.settings, resource_id, error=error)


@router.post("/files/{asset_id}/removal", name="resources:detach")
def detach(request: Request, db: Db, actor: SignedIn, resource: OwnResource, asset_id: UUID) -> Response:
    service.detach(db, actor, resource, asset_id)
    return _back(request, resource)


@router.post("/files/{asset_id}/title", name="resources:entitle")
def entitle(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource: OwnResource,
    asset_id: UUID,
    title: Annotated[str, Form()] = "",
) -> Response:
    service.entitle(db, actor, resource, asset_id, title.strip())
    return _back(request, resource)


@router.post("/files/{asset_id}/place", name="resources:move_file")
def move_file(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource: OwnResource,
    asset_id: UUID,
    step: Annotated[int, Form(ge=-1, le=1)],
) -> Response:
    """One place up (-1) or down (+1)."""
    view = views.detail(db, actor, resource.id, pending=True)
    order = [f.asset.id for f in view.files if f.is_main]
    if asset_id not in order:
        raise NotFound
    here = order.index(asset_id)
    there = min(max(here + step, 0), len(order) - 1)
    order[here], order[there] = order[there], order[here]
    service.reorder(db, actor, resource, order)
    return _back(request, resource)


@router.get("/alignments", name="resources:find_items")
def find_items(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource: OwnResource,
    q: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Framework items that match what is typed, those of the draft's subject first."""
    view = views.detail(db, actor, resource.id, pending=True)
    subject = view.revision.subject
    found = curriculum.search_items(db, q, subject=subject) if q else []
    if subject and not found:
        found = curriculum.search_items(db, q)
    return page(
        request, "editing/items.html", fragment="items", resource=resource, revision=view.revision, q=q, found=found
    )


@router.post("/alignments", name="resources:align")
def align(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource: OwnResource,
    item: Annotated[UUID, Form()],
    relation: Annotated[Relation, Form()] = Relation.TEACHES,
) -> Response:
    service.align_to(db, actor, resource, item, relation)
    return see_other(request, "resources:edit", resource_id=resource.id, done=say("已对应。"))


@router.post("/alignments/removal", name="resources:unalign")
def unalign(
    request: Request,
    db: Db,
    actor: SignedIn,
    resource: OwnResource,
    item: Annotated[UUID, Form()],
    relation: Annotated[Relation, Form()],
) -> Response:
    service.remove_alignment(db, actor, resource, item, relation)
    return _back(request, resource)
