"""tus 1.0: core, creation, creation-with-upload, expiration, termination (docs/uploads.md)."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from tongke.accounts.actor import Actor
from tongke.db import reading, transaction
from tongke.errors import Conflict, Invalid, NotFound, ScopeMissing, SignInRequired, TongkeError, TooLarge
from tongke.http.deps import CurrentPlatform, actor_behind, note_use
from tongke.http.platform import Platform, platform_of
from tongke.http.problems import problem_of_error
from tongke.i18n import say
from tongke.media import uploads, uploads_lease
from tongke.media.models import UploadSession, UploadState
from tongke.media.uploads import Announced
from tongke.media.uploads_finish import finish
from tongke.media.uploads_intake import Intake, pour
from tongke.media.uploads_lease import Lease
from tongke.resources.public_files import public_file
from tongke.storage.spool import open_spool

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,termination"
CONTENT_TYPE = "application/offset+octet-stream"
RETRY_S = "3"
_finishers = ThreadPoolExecutor(4, "upload-finish")
"""Checking a large file takes a while; pages must not wait for their threads meanwhile."""


class VersionMismatch(TongkeError):
    """The client speaks another tus than we do."""

    status, code, title = 412, "tus-version", say("不支持的 tus 版本")


class WrongType(TongkeError):
    """The bytes are not announced as a piece of a file."""

    status, code, title = 415, "wrong-type", say("请求的内容类型不对")


class TusRoute(APIRoute):
    """Every answer says which tus this is, the refusals too; another version is refused before anything happens."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_in_tus(request: Request) -> Response:
            try:
                _check_version(request)
                response = await answer(request)
            except TongkeError as error:
                response = problem_of_error(request, error)
                if error.status in {423, 503}:
                    response.headers["Retry-After"] = RETRY_S
                if isinstance(error, VersionMismatch):
                    response.headers["Tus-Version"] = VERSION
            response.headers["Tus-Resumable"] = VERSION
            response.headers["Cache-Control"] = "no-store"
            return response

        return answer_in_tus


router = APIRouter(prefix="/uploads", tags=["uploads"], route_class=TusRoute)


def uploader(request: Request) -> Actor:
    """Who asks. Not ``CurrentActor``: its transaction would last as long as the bytes take to arrive."""
    with reading(platform_of(request).engine) as session:
        actor = actor_behind(request, session)
    if not actor.is_signed_in:
        raise SignInRequired(say("请先登录，再上传文件。"))
    note_use(request)
    return actor


Uploader = Annotated[Actor, Depends(uploader)]


@router.options("", summary="What this server can do")
@router.options("/{upload_id}", include_in_schema=False)
def options(request: Request) -> Response:
    platform = platform_of(request)
    with reading(platform.engine) as session:
        actor = actor_behind(request, session)
    limit = uploads.limit_of(actor, platform.settings)
    headers = {"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(limit)}
    return Response(status_code=204, headers=headers)


@router.post("", status_code=201, summary="Open an upload, with or without its first bytes")
async def create(request: Request, platform: CurrentPlatform, actor: Uploader) -> Response:
    """`Upload-Length` and `Upload-Metadata` (`filename`; `filetype` and `sha256` if you like) announce the file.

    With `sha256`, sending is skipped when you have uploaded the same bytes before or they are public: the answer
    then shows a complete upload.
    """
    if not actor.may_use(uploads.SCOPE):
        raise ScopeMissing(uploads.SCOPE)
    announced = _announced(request)
    upload = await run_in_threadpool(_open, platform, actor, announced)
    headers = {"Location": f"{platform.settings.base_url}{router_path(request)}/{upload.id}"}
    has_bytes = request.headers.get("content-type", "").partition(";")[0] == CONTENT_TYPE
    if has_bytes and upload.state == UploadState.OPEN:
        return await _append(request, platform, actor, upload.id, 0, status=201, headers=headers)
    return _answer(upload, upload.offset_bytes, status=201, headers=headers)


@router.head("/{upload_id}", summary="How much has arrived")
def progress(upload_id: UUID, platform: CurrentPlatform, actor: Uploader) -> Response:
    """A complete upload carries `Tongke-Asset`; one whose last byte came just before a crash is completed now."""
    with reading(platform.engine) as session:
        upload = uploads.own_upload(session, actor, upload_id)
        uploads.check_open(session, upload)
    if upload.state == UploadState.COMPLETE:
        return _answer(upload, upload.length_bytes, status=200)
    kept = open_spool(platform.store).kept_bytes(str(upload_id))
    if kept < upload.length_bytes:
        return _answer(upload, kept, status=200)
    lease = uploads_lease.take(platform.engine, actor, upload_id)
    _complete(platform, actor, lease, None)
    return _answer(lease.upload, upload.length_bytes, status=200)


@router.patch("/{upload_id}", status_code=204, summary="Send bytes from an offset on")
async def append(request: Request, upload_id: UUID, platform: CurrentPlatform, actor: Uploader) -> Response:
    if request.headers.get("content-type", "").partition(";")[0] != CONTENT_TYPE:
        raise WrongType(say("上传请求的 Content-Type 应是 {type}。", type=CONTENT_TYPE))
    return await _append(request, platform, actor, upload_id, _number(request, "upload-offset"), status=204)


@router.delete("/{upload_id}", status_code=204, summary="Give an upload up")
def terminate(upload_id: UUID, platform: CurrentPlatform, actor: Uploader) -> Response:
    with transaction(platform.engine) as session:
        uploads.terminate(session, actor, upload_id)
    open_spool(platform.store).discard(str(upload_id))
    return Response(status_code=204)


@router.post("/{upload_id}", include_in_schema=False)
async def overridden(request: Request, upload_id: UUID, platform: CurrentPlatform, actor: Uploader) -> Response:
    """For clients behind proxies that know only GET and POST: `X-HTTP-Method-Override` names the method."""
    match request.headers.get("x-http-method-override", "").upper():
        case "PATCH":
            return await append(request, upload_id, platform, actor)
        case "HEAD":
            return await run_in_threadpool(progress, upload_id, platform, actor)
        case "DELETE":
            return await run_in_threadpool(terminate, upload_id, platform, actor)
        case _:
            raise NotFound


async def _append(
    request: Request,
    platform: Platform,
    actor: Actor,
    upload_id: UUID,
    offset: int,
    *,
    status: int,
    headers: dict[str, str] | None = None,
) -> Response:
    announced = int(request.headers.get("content-length") or 0)
    lease, intake = await run_in_threadpool(_begin, platform, actor, upload_id, offset, announced)
    if intake is None:
        return _answer(lease.upload, offset, status=status, headers=headers)
    try:
        await pour(request.receive, intake)
    except BaseException:
        await run_in_threadpool(_give_back, lease, intake)
        raise
    upload = await asyncio.get_running_loop().run_in_executor(_finishers, _end, platform, actor, lease, intake)
    return _answer(upload, intake.offset, status=status, headers=headers)


def _open(platform: Platform, actor: Actor, announced: Announced) -> UploadSession:
    with transaction(platform.engine) as session:
        upload = uploads.open_upload(session, platform.settings, platform.store, actor, announced)
        if announced.sha256:
            known = uploads.own_asset(session, actor, announced.sha256, announced.length_bytes) or public_file(
                session, announced.sha256, announced.length_bytes
            )
            if known is not None:
                uploads.complete_from(session, upload, known)
    return upload


def _begin(
    platform: Platform, actor: Actor, upload_id: UUID, offset: int, announced: int
) -> tuple[Lease, Intake | None]:
    """Check everything that can be checked before a byte is taken; no intake when the upload is complete already."""
    lease = uploads_lease.take(platform.engine, actor, upload_id)
    spool = open_spool(platform.store)
    is_complete = lease.upload.state == UploadState.COMPLETE
    kept = lease.upload.length_bytes if is_complete else spool.kept_bytes(str(upload_id))
    try:
        _check_piece(lease.upload, kept, offset, announced)
        if is_complete:
            return lease, None
        uploads.check_room(platform.settings, platform.store, lease.upload.length_bytes - offset)
        return lease, Intake(spool, lease, offset)
    except BaseException:
        lease.release(kept)
        raise


def _check_piece(upload: UploadSession, kept: int, offset: int, announced: int) -> None:
    if offset != kept:
        raise Conflict(say("续传位置应是 {kept}，收到的是 {offset}。", kept=kept, offset=offset))
    if offset + announced > upload.length_bytes:
        raise TooLarge(say("收到的内容比声明的长度（{length} 字节）多。", length=upload.length_bytes))


def _end(platform: Platform, actor: Actor, lease: Lease, intake: Intake) -> UploadSession:
    """Make what came durable, and an asset of it when it is all there."""
    try:
        received = intake.end()
    except BaseException:
        lease.release(intake.offset)
        raise
    if intake.offset == lease.upload.length_bytes:
        _complete(platform, actor, lease, received)
    else:
        lease.release(intake.offset)
    return lease.upload


def _give_back(lease: Lease, intake: Intake) -> None:
    try:
        intake.end()
    finally:
        lease.release(intake.offset)


def _complete(platform: Platform, actor: Actor, lease: Lease, received: str | None) -> None:
    """Finish the upload; on an error others may try again at once."""
    if lease.upload.state == UploadState.COMPLETE:
        return
    spool = open_spool(platform.store)
    try:
        asset = finish(
            platform.engine, platform.store, spool, platform.settings, actor, lease, received_sha256=received
        )
    except BaseException:
        lease.release(lease.upload.length_bytes)
        raise
    uploads.complete(lease.upload, asset)
    platform.wake()


def _answer(upload: UploadSession, offset: int, *, status: int, headers: dict[str, str] | None = None) -> Response:
    headers = {**(headers or {}), "Upload-Offset": str(offset), "Upload-Length": str(upload.length_bytes)}
    if upload.state == UploadState.COMPLETE:
        headers["Tongke-Asset"] = str(upload.asset_id)
    else:
        headers["Upload-Expires"] = format_datetime(upload.expires_at, usegmt=True)
    return Response(status_code=status, headers=headers)


def router_path(request: Request) -> str:
    return request.url.path.rstrip("/")


def _check_version(request: Request) -> None:
    if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
        raise VersionMismatch(say("请在请求头中写明 Tus-Resumable: {version}。", version=VERSION))


def _announced(request: Request) -> Announced:
    told = _metadata(request.headers.get("upload-metadata", ""))
    return Announced(
        filename=told.get("filename") or told.get("name") or "",
        length_bytes=_number(request, "upload-length"),
        claimed_type=told.get("filetype") or told.get("type") or "",
        sha256=told.get("sha256", "").lower(),
    )


def _number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):  # noqa: PLR2004 - fits a column of the database
        raise Invalid(say("请求头 {header} 应是一个非负整数。", header=header), fields={header: say("格式不对")})
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """`key base64,key base64,key`, as tus has it."""
    told: dict[str, str] = {}
    for pair in filter(None, (pair.strip() for pair in header.split(","))):
        key, _, encoded = pair.partition(" ")
        try:
            told[key.lower()] = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Invalid(say("Upload-Metadata 里的 {key} 应是 UTF-8 文字的 base64。", key=key[:40])) from None
    return told
