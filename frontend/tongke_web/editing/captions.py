"""Captions of a video or recording in a draft: a file from elsewhere, or line by line."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from starlette.responses import Response

from tongke.accounts.actor import Actor
from tongke.db import reading, transaction
from tongke.errors import Conflict, Invalid, NotFound, RefusedContent, TongkeError
from tongke.http.deps import CurrentPlatform, Db, SignedIn
from tongke.http.platform import Platform
from tongke.i18n import Text, say
from tongke.media import captions
from tongke.media.ingest import ingest
from tongke.resources import service, views, vocabulary
from tongke.resources.views import FileView
from tongke.storage.base import blob_key
from tongke_web.editing.views import own_resource
from tongke_web.rendering import page, see_other
from tongke_web.resources.files import files_url
from tongke_web.resources.media_view import media_views

router = APIRouter(prefix="/resources/{resource_id:uuid}/edit/captions/{asset_id}")
LARGEST_BYTES = 2 * 1024 * 1024
DEFAULT_LANGUAGE = "zh-CN"


@dataclass(frozen=True, slots=True)
class CueRow:
    """A line of the editor, as typed."""

    start: str
    end: str
    text: str


@router.get("", name="resources:captions")
def editor(
    request: Request,
    platform: CurrentPlatform,
    actor: SignedIn,
    resource_id: UUID,
    asset_id: UUID,
    language: Annotated[str, Query(max_length=35)] = DEFAULT_LANGUAGE,
) -> Response:
    """The captions in one language, to change word by word beside the video."""
    return _editor_page(request, platform, actor, resource_id, asset_id, language)


def _editor_page(
    request: Request,
    platform: Platform,
    actor: Actor,
    resource_id: UUID,
    asset_id: UUID,
    language: str,
    *,
    rows: list[CueRow] | None = None,
    error: TongkeError | None = None,
) -> Response:
    with reading(platform.engine) as db:
        view = _spoken(db, actor, resource_id, asset_id)
        files = view.files
    spoken = next(f for f in files if f.asset.id == asset_id)
    present = [f for f in files if f.file.about_asset_id == asset_id]
    if rows is None:
        rows = _rows(platform, next((f for f in present if f.file.language == language), None))
    return page(
        request,
        "editing/captions.html",
        status=error.status if error else 200,
        resource=view.resource,
        revision=view.revision,
        media=media_views(platform.settings, [spoken, *present], files_url(resource_id))[0],
        asset_id=asset_id,
        language=language,
        languages=list(vocabulary.LANGUAGES.items()),
        present={f.file.language for f in present},
        rows=rows,
        error=error,
    )


def _spoken(db: Db, actor: Actor, resource_id: UUID, asset_id: UUID) -> views.ResourceView:
    own_resource(db, actor, resource_id)
    view = views.detail(db, actor, resource_id, pending=True)
    if not any(f.asset.id == asset_id and f.is_main for f in view.files):
        raise NotFound
    return view


def _rows(platform: Platform, kept: FileView | None) -> list[CueRow]:
    if kept is None:
        return []
    content = b"".join(platform.store.read(blob_key(kept.asset.sha256)))
    cues = captions.parse(captions.decode(content))
    return [CueRow(captions.clock(c.start_s), captions.clock(c.end_s), c.text) for c in cues]


@router.post("", name="resources:save_captions")
def save(
    request: Request,
    platform: CurrentPlatform,
    actor: SignedIn,
    resource_id: UUID,
    asset_id: UUID,
    language: Annotated[str, Query(max_length=35)] = DEFAULT_LANGUAGE,
    start: Annotated[list[str] | None, Form()] = None,
    end: Annotated[list[str] | None, Form()] = None,
    text: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Keep the lines of the editor; empty ones are left out, wrong ones come back with what is wrong."""
    typed = [CueRow(*row) for row in zip(start or (), end or (), text or (), strict=False) if any(row)]
    try:
        cues = [_cue(row, number) for number, row in enumerate(typed, 1)]
        captions.check(cues)
        _keep(platform, actor, resource_id, asset_id, language, captions.as_vtt(cues).encode(), "captions.vtt")
    except (Invalid, Conflict) as error:
        return _editor_page(request, platform, actor, resource_id, asset_id, language, rows=typed, error=error)
    return _saved(request, platform, resource_id, asset_id, language)


def _cue(row: CueRow, number: int) -> captions.Cue:
    try:
        return captions.Cue(captions.seconds(row.start), captions.seconds(row.end), row.text.strip())
    except Invalid:
        message: Text = say("第 {number} 条的时间写法不对，应当像 00:01:02.000 这样。", number=number)
        raise Invalid(message, fields={f"cue-{number}": message}) from None


@router.post("/file", name="resources:upload_captions")
def upload(
    request: Request,
    platform: CurrentPlatform,
    actor: SignedIn,
    resource_id: UUID,
    asset_id: UUID,
    file: UploadFile,
    language: Annotated[str, Form(max_length=35)] = DEFAULT_LANGUAGE,
) -> Response:
    """Take a VTT or SRT file in any encoding; what is kept is clean WebVTT."""
    try:
        content = file.file.read(LARGEST_BYTES + 1)
        clean = captions.convert(_small_enough(content)).encode()
        name = f"{Path(file.filename or 'captions').stem}.vtt"
        _keep(platform, actor, resource_id, asset_id, language, clean, name)
    except (Invalid, Conflict, RefusedContent) as error:
        return _editor_page(request, platform, actor, resource_id, asset_id, language, error=error)
    return _saved(request, platform, resource_id, asset_id, language)


def _small_enough(content: bytes) -> bytes:
    if len(content) > LARGEST_BYTES:
        raise Invalid(say("字幕文件太大，请检查是不是选错了文件。"))
    return content


def _keep(
    platform: Platform, actor: Actor, resource_id: UUID, asset_id: UUID, language: str, content: bytes, name: str
) -> None:
    with reading(platform.engine) as db:
        _spoken(db, actor, resource_id, asset_id)
    with tempfile.TemporaryDirectory(prefix="tongke-captions-") as folder:
        path = Path(folder) / "captions.vtt"
        path.write_bytes(content)
        asset = ingest(platform.engine, platform.store, actor, path, name, settings=platform.settings)
    with transaction(platform.engine) as db:
        service.attach_captions(
            db,
            actor,
            own_resource(db, actor, resource_id),
            captions=asset.id,
            about=asset_id,
            language=language,
            title=str(vocabulary.label(vocabulary.LANGUAGES, language)),
        )


def _saved(request: Request, platform: Platform, resource_id: UUID, asset_id: UUID, language: str) -> Response:
    platform.wake()
    where = {"language": language}
    return see_other(
        request, "resources:captions", where, resource_id=resource_id, asset_id=asset_id, done=say("字幕已保存。")
    )
