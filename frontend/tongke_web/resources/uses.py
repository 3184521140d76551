"""Counting use: a play, a download, a print each count once, and nothing is kept of who it was."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from tongke.config import Settings
from tongke.db import transaction
from tongke.errors import NotFound
from tongke.http.deps import CurrentActor, CurrentPlatform, CurrentSettings, Db
from tongke.http.platform import Platform
from tongke.http.rate_limits import USES_BY_ADDRESS, count
from tongke.media.addresses import content_address
from tongke.media.models import RenditionKind
from tongke.resources import queries, service, views
from tongke.resources.models import Standing
from tongke.resources.queries import Seen
from tongke.resources.views import FileView
from tongke_web.resources.files import file_of
from tongke_web.resources.media_view import bundle_url, smaller_address

router = APIRouter(prefix="/resources/{resource_id:uuid}")


class Version(StrEnum):
    """Which bytes of a file are taken away."""

    ORIGINAL = "original"
    MP4_240 = "mp4_240"
    AUDIO = "audio"


class Use(StrEnum):
    """What a page reports; downloads are counted where they begin."""

    PLAY = "play"
    PRINT = "print"


@router.post("/uses", name="resources:use")
def use(request: Request, db: Db, actor: CurrentActor, resource_id: UUID, kind: Annotated[Use, Form()]) -> Response:
    """A page says that it was played for a while, or printed."""
    count(USES_BY_ADDRESS, kind, request.client.host if request.client else "")
    seen = queries.seen(db, actor, resource_id)
    if _is_out(seen):
        service.count_use(db, resource_id)
    return Response(status_code=204)


@router.get("/files/{asset_id}/download", name="resources:download")
def download(
    request: Request,
    db: Db,
    actor: CurrentActor,
    platform: CurrentPlatform,
    resource_id: UUID,
    asset_id: UUID,
    version: Version = Version.ORIGINAL,
) -> Response:
    """Count one use and go on to the bytes."""
    seen, file = file_of(db, actor, resource_id, asset_id)
    address = _address(platform.settings, file, version)
    _count_download(request, platform, seen)
    return _to_bytes(address)


@router.get("/download", name="resources:download_all")
def download_all(
    request: Request,
    db: Db,
    actor: CurrentActor,
    platform: CurrentPlatform,
    settings: CurrentSettings,
    resource_id: UUID,
    pending: bool = False,
) -> Response:
    """Count one use and go on to all the files as one zip."""
    view = views.detail(db, actor, resource_id, pending=pending)
    address = bundle_url(settings, view.files, view.revision.title)
    if not address:
        raise NotFound
    _count_download(request, platform, view.seen)
    return _to_bytes(address)


def _address(settings: Settings, file: FileView, version: Version) -> str:
    if version is Version.ORIGINAL:
        return content_address(settings, file.asset, download_name=file.asset.filename)
    return smaller_address(settings, file, RenditionKind(version.value))


def _count_download(request: Request, platform: Platform, seen: Seen) -> None:
    """One use in a transaction of its own: a GET reads. A browser that only fetches ahead has used nothing."""
    if _is_out(seen) and "prefetch" not in request.headers.get("sec-purpose", ""):
        with transaction(platform.engine) as session:
            service.count_use(session, seen.resource.id)


def _is_out(seen: Seen) -> bool:
    """Whether readers have it: trying out one's own draft is no use."""
    return seen.resource.standing == Standing.ACTIVE and seen.published is not None


def _to_bytes(address: str) -> Response:
    response = RedirectResponse(address, 303)
    response.headers["Cache-Control"] = "no-store"  # the address ages, and every download counts
    return response
