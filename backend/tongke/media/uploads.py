"""Opening, finding and ending uploads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath
from uuid import UUID

from sqlmodel import Session, col, or_, select

from tongke.accounts.actor import ADMINS, Actor
from tongke.accounts.models import Role
from tongke.config import Settings
from tongke.errors import Conflict, Gone, Invalid, NotFound, RefusedContent, StorageFull, TooLarge, require
from tongke.i18n import Text, say
from tongke.jobs.service import database_time
from tongke.media.filenames import clean_filename
from tongke.media.models import Asset, UploadSession, UploadState
from tongke.media.renditions import plan_renditions
from tongke.storage.base import BlobStore

KEPT_FOR = timedelta(days=7)
SCOPE = "upload"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WINDOWS_PROGRAMS = {".exe", ".msi", ".bat", ".cmd", ".com", ".scr", ".dll", ".vbs", ".ps1", ".lnk", ".url"}
_PROGRAMS = frozenset(_WINDOWS_PROGRAMS | {".apk", ".jar", ".js", ".sh", ".htm", ".html", ".svg", ".swf", ".m3u8"})
_ARCHIVES = frozenset((".rar", ".7z", ".tar", ".gz", ".iso", ".dmg"))


@dataclass(frozen=True, slots=True)
class Announced:
    """What a client says of the bytes it is about to send; only the length binds it."""

    filename: str
    length_bytes: int
    claimed_type: str = ""
    sha256: str = ""


def may_upload(actor: Actor) -> bool:
    return actor.is_signed_in and not actor.is_a(Role.PUPIL) and actor.may_use(SCOPE)


def limit_of(actor: Actor, settings: Settings) -> int:
    """The largest file this person may send, in bytes."""
    return settings.upload_limit_admin_bytes if actor.role in ADMINS else settings.upload_limit_bytes


def open_upload(
    session: Session, settings: Settings, store: BlobStore, actor: Actor, announced: Announced
) -> UploadSession:
    """A new upload; refuses, before any byte is sent, what would be refused after the last one."""
    require(may_upload(actor), say("您的账号不能上传文件。请用教师账号登录。"))
    check_announced(settings, store, actor, announced)
    upload = UploadSession(
        owner_id=_person(actor),
        filename=clean_filename(announced.filename),
        claimed_type=announced.claimed_type[:200],
        claimed_sha256=announced.sha256,
        length_bytes=announced.length_bytes,
        expires_at=database_time(session) + KEPT_FOR,
    )
    session.add(upload)
    session.flush()  # whoever marks it complete at once refers to its row
    return upload


def check_announced(settings: Settings, store: BlobStore, actor: Actor, announced: Announced) -> None:
    """Raise what is already wrong with a file by its name, size and the room left for it."""
    limit = limit_of(actor, settings)
    if announced.length_bytes > limit:
        raise TooLarge(
            say(
                "这个文件有 {size}，超过了您可以上传的上限 {limit}。可以先压缩视频，或请学校管理员代为上传。",
                size=readable(announced.length_bytes),
                limit=readable(limit),
            )
        )
    if announced.length_bytes <= 0:
        raise RefusedContent(say("这个文件是空的，没有内容。请检查后重新选择。"))
    if announced.sha256 and not _SHA256.fullmatch(announced.sha256):
        raise Invalid(say("sha256 应是 64 位小写十六进制数。"), fields={"sha256": say("格式不对")})
    reason = refused_by_name(announced.filename)
    if reason:
        raise RefusedContent(reason)
    check_room(settings, store, announced.length_bytes)


def check_room(settings: Settings, store: BlobStore, wanted_bytes: int) -> None:
    """Raise ``StorageFull`` when ``wanted_bytes`` more would eat into the reserve."""
    free = store.free_bytes()
    if free is not None and wanted_bytes > free - settings.free_space_reserve_bytes:
        raise StorageFull(
            say(
                "服务器剩余空间不够放下这个文件（{size}），已停止上传。请联系管理员清理空间。",
                size=readable(wanted_bytes),
            )
        )


def refused_by_name(filename: str) -> Text | None:
    """Why a file of that name cannot be accepted whatever is in it; None when its bytes decide."""
    suffix = PurePosixPath(filename.lower()).suffix
    if suffix in _PROGRAMS:
        return say("不能上传 {suffix} 文件。请上传视频、音频、文档、图片或 zip 课件包。", suffix=suffix)
    if suffix in _ARCHIVES:
        return say("不能上传 {suffix} 压缩包。请解压后重新压缩成 zip 格式再上传。", suffix=suffix)
    return None


def own_upload(session: Session, actor: Actor, upload_id: UUID, *, to_change: bool = False) -> UploadSession:
    """The actor's upload; for everybody else it does not exist. ``to_change`` locks its row."""
    require_owner = select(UploadSession).where(UploadSession.id == upload_id, UploadSession.owner_id == actor.user_id)
    upload = session.exec(require_owner.with_for_update() if to_change else require_owner).first()
    if upload is None or not may_upload(actor):
        raise NotFound
    return upload


def check_open(session: Session, upload: UploadSession) -> None:
    """Raise what became of an upload that takes no bytes any more; a complete one passes."""
    if upload.state == UploadState.REFUSED and upload.refusal:
        raise RefusedContent(Text(upload.refusal["source"], upload.refusal["values"]))
    expired = upload.state == UploadState.OPEN and upload.expires_at <= database_time(session)
    if expired or upload.state in {UploadState.TERMINATED, UploadState.EXPIRED}:
        raise Gone(say("这次上传已经取消或过期，请重新上传。"))


def terminate(session: Session, actor: Actor, upload_id: UUID) -> UploadSession:
    """End an upload that is not complete; whoever is writing to it finds its lease gone."""
    upload = own_upload(session, actor, upload_id, to_change=True)
    if upload.state == UploadState.COMPLETE:
        raise Conflict(say("文件已经上传完成，不能再取消。"))
    check_open(session, upload)
    upload.state, upload.lease_token, upload.lease_until = UploadState.TERMINATED, None, None
    return upload


def refuse(upload: UploadSession, reason: Text) -> None:
    """Remember why the bytes were not accepted, to say it again to a client that missed the answer."""
    upload.state, upload.lease_token, upload.lease_until = UploadState.REFUSED, None, None
    upload.refusal = {"source": reason.source, "values": {name: str(value) for name, value in reason.values.items()}}


def own_asset(session: Session, actor: Actor, sha256: str, size_bytes: int) -> Asset | None:
    """What the actor has already uploaded with these bytes."""
    same = or_(col(Asset.received_sha256) == sha256, col(Asset.sha256) == sha256)
    found = session.exec(select(Asset).where(Asset.owner_id == actor.user_id, same)).all()
    return next((a for a in found if a.sha256 != sha256 or a.size_bytes == size_bytes), None)


def complete_from(session: Session, upload: UploadSession, known: Asset) -> Asset:
    """Complete ``upload`` without its bytes, which stand already: the owner gets an asset of their own."""
    asset = known
    if known.owner_id != upload.owner_id:
        values = known.model_dump(exclude={"id", "owner_id", "filename", "created_at"})
        asset = Asset(owner_id=upload.owner_id, filename=upload.filename, **values)
        session.add(asset)
        session.flush()  # the upload's foreign key needs its row
        plan_renditions(session, asset)
    complete(upload, asset)
    return asset


def complete(upload: UploadSession, asset: Asset) -> None:
    upload.state, upload.asset_id, upload.offset_bytes = UploadState.COMPLETE, asset.id, upload.length_bytes
    upload.lease_token = upload.lease_until = None


def readable(size_bytes: int) -> str:
    """A size as people say it: 812 KB, 3.4 MB, 1.2 GB."""
    size, unit = size_bytes / 1024, "KB"
    for larger in ("MB", "GB", "TB"):
        if size < 1000:  # noqa: PLR2004 - no four-digit numbers
            break
        size, unit = size / 1024, larger
    return f"{size:.0f} {unit}" if size >= 100 or unit == "KB" else f"{size:.1f} {unit}"  # noqa: PLR2004


def _person(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id
