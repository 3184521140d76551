"""The upload page: files first, then a draft that holds them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import Response

from tongke.accounts.actor import Actor
from tongke.db import reading, transaction
from tongke.errors import Invalid, RefusedContent, TongkeError, require
from tongke.http.deps import CurrentPlatform, Db, SignedIn
from tongke.http.platform import Platform
from tongke.i18n import Text, say
from tongke.media.ingest import ingest
from tongke.media.models import MediaKind
from tongke.media.queries import assets_of
from tongke.media.uploads import limit_of
from tongke.resources import policy, service
from tongke.resources.models import ResourceType
from tongke.resources.schemas import draft_fields
from tongke_web.editing.views import own_assets
from tongke_web.rendering import page, see_other

router = APIRouter()
ACCEPTED: tuple[tuple[str, Text, Text], ...] = (
    ("video", say("视频"), say("mp4、mov、mkv、webm、avi、flv。手机拍的、录屏软件录的都可以。")),
    ("audio", say("音频"), say("mp3、m4a、wav、ogg、flac。")),
    ("slides", say("文档"), say("PDF、Word、PowerPoint、Excel、WPS、文本。")),
    ("image", say("图片"), say("jpg、png、webp、gif。照片里的拍摄地点会自动去掉。")),
    ("interactive", say("课件包"), say("H5P、SCORM 或网页课件，压缩成 zip。")),
)
_GUESSES = {
    MediaKind.VIDEO: ResourceType.LESSON_VIDEO,
    MediaKind.AUDIO: ResourceType.AUDIO,
    MediaKind.TEXT: ResourceType.READING,
    MediaKind.IMAGE: ResourceType.READING,
}
_GUESSES_BY_ENDING = {
    ".ppt": ResourceType.SLIDES,
    ".pptx": ResourceType.SLIDES,
    ".dps": ResourceType.SLIDES,
    ".odp": ResourceType.SLIDES,
    ".doc": ResourceType.LESSON_PLAN,
    ".docx": ResourceType.LESSON_PLAN,
    ".wps": ResourceType.LESSON_PLAN,
}


@router.get("/upload", name="editing:upload")
def upload_form(request: Request, platform: CurrentPlatform, actor: SignedIn) -> Response:
    require(policy.may_create(actor), say("您的账号不能上传资源。"))
    return _upload_page(request, platform, actor)


def _upload_page(
    request: Request,
    platform: Platform,
    actor: Actor,
    *,
    title: str = "",
    taken: Sequence[UUID] = (),
    error: TongkeError | None = None,
) -> Response:
    with reading(platform.engine) as db:
        kept = own_assets(db, actor, taken)
    return page(
        request,
        "editing/upload.html",
        fragment="form",
        status=error.status if error else 200,
        limit_bytes=limit_of(actor, platform.settings),
        title=title,
        kept=kept,
        accepted=ACCEPTED,
        error=error,
    )


@router.post("/upload", name="editing:upload_post")
def upload(
    request: Request,
    platform: CurrentPlatform,
    actor: SignedIn,
    title: Annotated[str, Form()] = "",
    assets: Annotated[list[UUID] | None, Form()] = None,
    files: Annotated[list[UploadFile] | None, Form()] = None,
) -> Response:
    """Open a draft with the files: those already sent piece by piece, and those that came with the form."""
    require(policy.may_create(actor), say("您的账号不能上传资源。"))
    taken = list(assets or ())
    try:
        take_in(platform, actor, files or (), taken)
        with transaction(platform.engine) as db:
            resource_id = _open_draft(db, actor, title.strip(), taken)
    except TongkeError as error:
        return _upload_page(request, platform, actor, title=title, taken=taken, error=error)
    platform.wake()
    return see_other(request, "resources:edit", resource_id=resource_id, done=say("草稿已建立。填好信息后提交审核。"))


def take_in(platform: Platform, actor: Actor, files: Sequence[UploadFile], taken: list[UUID]) -> None:
    """Ingest the files of a form into ``taken``, none in a transaction that waits for bytes.

    Raises what refuses one, naming the file; those before it are in ``taken`` and need not be sent again.
    """
    limit = limit_of(actor, platform.settings)
    for file in files:
        if not file.filename:
            continue
        if file.size is not None and file.size > limit:
            message = say("“{name}”超过了单个文件的上限。", name=PurePosixPath(file.filename).name)
            raise Invalid(message, fields={"files": message})
        try:
            taken.append(_take_one(platform, actor, file, file.filename))
        except RefusedContent as refusal:
            name = PurePosixPath(file.filename).name
            raise RefusedContent(say("“{name}”没有收下：{reason}", name=name, reason=refusal.message)) from None


def _take_one(platform: Platform, actor: Actor, file: UploadFile, filename: str) -> UUID:
    with tempfile.TemporaryDirectory(prefix="tongke-form-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as target:
            shutil.copyfileobj(file.file, target, 1024 * 1024)
        asset = ingest(platform.engine, platform.store, actor, path, filename, settings=platform.settings, adopt=True)
    return asset.id


def _open_draft(db: Db, actor: Actor, title: str, asset_ids: Sequence[UUID]) -> UUID:
    assets = assets_of(db, asset_ids)
    first = assets[0] if assets else None
    if not title and first is None:
        message = say("请先选择文件，或写一个标题。")
        raise Invalid(message, fields={"title": message})
    guessed = ResourceType.OTHER
    if first is not None:
        ending = PurePosixPath(first.filename).suffix.lower()
        guessed = _GUESSES_BY_ENDING.get(ending) or _GUESSES.get(MediaKind(first.kind), ResourceType.OTHER)
    name = title or PurePosixPath(first.filename).stem[:200]  # type: ignore[union-attr]
    fields: dict[str, Any] = {"title": name, "type": guessed}
    if first is not None and first.duration_s:
        fields["time_required_s"] = round(first.duration_s)
    draft = service.create_draft(db, actor, draft_fields(fields))
    if asset_ids:
        service.attach(db, actor, draft.resource, asset_ids)
    return draft.resource.id
