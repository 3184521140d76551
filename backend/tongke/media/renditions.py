"""What is made from a file, and by which job: planned when the file arrives, tried again when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from tongke.accounts.actor import ADMINS, Actor
from tongke.db import new_id, now
from tongke.errors import Conflict, require
from tongke.i18n import say
from tongke.jobs.service import enqueue
from tongke.media.models import Asset, MediaKind, Rendition, RenditionKind, RenditionState


@dataclass(frozen=True, slots=True)
class Work:
    """One job and the renditions it makes together, from one reading of the file."""

    job: str
    makes: tuple[RenditionKind, ...]
    priority: int


FIRST_PLAY = Work("media.first_play", (RenditionKind.REMUX, RenditionKind.POSTER), 1)
THUMBNAIL = Work("media.thumbnail", (RenditionKind.THUMBNAIL,), 2)
TEXT = Work("media.text", (RenditionKind.TEXT,), 3)
PAGES = Work("media.pages", (RenditionKind.PAGES, RenditionKind.TEXT), 4)
SOUND = Work("media.sound", (RenditionKind.AUDIO,), 5)
LADDER = Work(
    "media.ladder",
    (RenditionKind.HLS, RenditionKind.MP4_240, RenditionKind.AUDIO, RenditionKind.STORYBOARD),
    6,
)
QUICK = (FIRST_PLAY, THUMBNAIL, TEXT)
SLOW = (PAGES, SOUND, LADDER)
KINDS = [work.job for work in (*QUICK, *SLOW)]
"""Every kind of job that makes renditions."""
SLOW_KINDS = [work.job for work in SLOW]
"""Those that want a process of their own."""
_WORKS: dict[str, tuple[Work, ...]] = {
    MediaKind.VIDEO: (FIRST_PLAY, LADDER),
    MediaKind.AUDIO: (SOUND,),
    MediaKind.IMAGE: (THUMBNAIL,),
    MediaKind.PDF: (PAGES,),
    MediaKind.OFFICE: (PAGES,),
    MediaKind.TEXT: (TEXT,),
    MediaKind.CAPTIONS: (TEXT,),
    MediaKind.ARCHIVE: (),
}


_DRAWABLE = frozenset(f"image/{name}" for name in ("jpeg", "png", "gif", "bmp", "tiff", "webp", "avif"))
"""What we can make a small version of; HEIC needs a decoder we do not ship."""


def works_for(media_type: str, kind: str) -> tuple[Work, ...]:
    """The jobs a file of this sort gets."""
    if kind == MediaKind.IMAGE and media_type not in _DRAWABLE:
        return ()
    return _WORKS[kind]


def plan_renditions(session: Session, asset: Asset) -> None:
    """Add rendition rows and jobs in the caller's transaction; equal bytes are worked on once, failures anew."""
    _copy_measures(session, asset)
    for work in works_for(asset.media_type, asset.kind):
        _plan(session, work, asset)


def retry(session: Session, actor: Actor, rendition: Rendition) -> None:
    """Queue a failed rendition again, with those its job makes along with it."""
    assets = session.execute(select(Asset).where(col(Asset.sha256) == rendition.sha256)).scalars().all()
    may = actor.is_a(*ADMINS) or any(asset.owner_id == actor.user_id for asset in assets)
    require(may and actor.is_signed_in, say("只有上传的人可以让它重新处理。"))
    if rendition.state != RenditionState.FAILED:
        raise Conflict(say("这个文件没有处理失败，不需要重试。"))
    for asset in assets[:1]:
        for work in works_for(asset.media_type, asset.kind):
            if rendition.kind in work.makes:
                _plan(session, work, asset)


def _plan(session: Session, work: Work, asset: Asset) -> None:
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert
    rows = [_row(asset.sha256, kind) for kind in work.makes]
    added = insert(Rendition).values(rows).on_conflict_do_nothing(index_elements=["sha256", "kind"])
    again = (
        update(Rendition)
        .where(
            col(Rendition.sha256) == asset.sha256,
            col(Rendition.kind).in_(work.makes),
            col(Rendition.state) == RenditionState.FAILED,
        )
        .values(state=RenditionState.QUEUED.value, failure=None, progress=0.0, remaining_s=None, updated_at=now())
    )
    created = session.execute(added.returning(col(Rendition.id))).scalars().all()
    revived = session.execute(again.returning(col(Rendition.id))).scalars().all()
    if created or revived:
        payload = {"sha256": asset.sha256, "media_type": asset.media_type, "kind": asset.kind}
        enqueue(session, work.job, payload, dedupe_key=f"{work.job}:{asset.sha256}", priority=work.priority)


def _row(sha256: str, kind: RenditionKind) -> dict[str, Any]:
    moment = now()
    return {
        "id": new_id(),
        "sha256": sha256,
        "kind": kind.value,
        "state": RenditionState.QUEUED.value,
        "progress": 0.0,
        "entry": "",
        "size_bytes": 0,
        "details": {},
        "created_at": moment,
        "updated_at": moment,
    }


def _copy_measures(session: Session, asset: Asset) -> None:
    """Equal bytes were measured before: duration, size and pages are known at once."""
    known = select(Asset).where(col(Asset.sha256) == asset.sha256, col(Asset.id) != asset.id).limit(1)
    twin = session.execute(known).scalars().first()
    if twin is not None:
        asset.duration_s, asset.page_count = twin.duration_s, twin.page_count
        asset.width, asset.height = twin.width, twin.height
