"""Passing a resource on: link and QR code, and the printable sheet with a code to type."""

from __future__ import annotations

import io
from uuid import UUID

import segno
from fastapi import APIRouter, Request
from starlette.responses import Response

from tongke.accounts.actor import ANONYMOUS
from tongke.http.deps import CurrentActor, CurrentSettings, Db
from tongke.resources import policy, queries, views
from tongke.resources.licences import licence_of
from tongke_web.rendering import page
from tongke_web.resources.comparison import shown_value
from tongke_web.resources.files import files_url
from tongke_web.resources.media_view import media_views

router = APIRouter(prefix="/resources/{resource_id:uuid}")
SHEET_TEXT_LENGTH = 12_000


@router.get("/share", name="resources:share")
def share(request: Request, db: Db, actor: CurrentActor, settings: CurrentSettings, resource_id: UUID) -> Response:
    """The address, the short code and a QR code, with who may open it."""
    seen = queries.seen(db, actor, resource_id)
    return page(
        request,
        "resources/share.html",
        seen=seen,
        revision=seen.shown,
        address=f"{settings.base_url}/r/{seen.resource.short_code}",
        is_open_to_all=policy.reads_published(ANONYMOUS, seen.resource, seen.published),
    )


@router.get("/qr.svg", name="resources:qr")
def qr(db: Db, actor: CurrentActor, settings: CurrentSettings, resource_id: UUID) -> Response:
    """The short address as a QR code, black on white for every theme and for paper."""
    seen = queries.seen(db, actor, resource_id)
    drawn = io.BytesIO()
    code = segno.make(f"{settings.base_url}/r/{seen.resource.short_code}", error="m", micro=False)
    code.save(drawn, kind="svg", scale=4, border=3, light="#ffffff", dark="#000000", xmldecl=False)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.get("/sheet", name="resources:sheet")
def sheet(request: Request, db: Db, actor: CurrentActor, settings: CurrentSettings, resource_id: UUID) -> Response:
    """An A4 sheet of the lesson: what it is, what its files say, and how to find it again without typing much."""
    view = views.detail(db, actor, resource_id)
    revision = view.revision
    return page(
        request,
        "resources/sheet.html",
        view=view,
        revision=revision,
        media=media_views(settings, view.files, files_url(resource_id)),
        licence=licence_of(revision.licence),
        shown_value=shown_value,
        text_length=SHEET_TEXT_LENGTH,
        address=f"{settings.base_url}/r/{view.resource.short_code}",
    )
