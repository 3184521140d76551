"""After a sweep the store holds what the database refers to, and nothing else but what is younger than an hour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Engine, delete, exists, or_
from sqlmodel import Session, col, select

from tongke.db import now, reading, transaction
from tongke.errors import BlobNotFound
from tongke.jobs.service import database_time
from tongke.media.ingest import shut_out_sweep
from tongke.media.models import Asset, Rendition, RenditionState, UploadSession, UploadState
from tongke.storage.base import BlobStat, BlobStore
from tongke.storage.local import LocalStore
from tongke.storage.spool import PARTS_PREFIX, Spool, open_spool

GRACE = timedelta(hours=1)
"""Objects younger than this may belong to something whose row is about to be written."""
COMPLETE_KEPT_FOR = timedelta(days=30)
"""So long does a client that never saw the answer learn what its upload became."""
_BATCH = 100
_RENDITION_NAMES = 5  # renditions/ab/<sha256>/<kind>/<file…>


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep removed."""

    objects: int
    size_bytes: int
    uploads: int


def sweep(engine: Engine, store: BlobStore) -> Swept:
    """Remove expired uploads and every object that no row refers to; safe beside uploads, jobs and other sweeps."""
    spool = open_spool(store)
    uploads = _end_old_uploads(engine)
    _discard_bytes(engine, spool)
    _forget_renditions(engine)
    if isinstance(store, LocalStore):
        store.clean_workspace(now() - GRACE)
    removed: list[BlobStat] = []
    stored = (found for found in store.keys("") if not found.key.startswith(PARTS_PREFIX))
    for batch in _batches(stored):
        removed += _remove_orphans(engine, store, batch)
    return Swept(len(removed), sum(found.size_bytes for found in removed), uploads)


def _end_old_uploads(engine: Engine) -> int:
    with transaction(engine) as session:
        moment = database_time(session)
        is_old = (col(UploadSession.state) != UploadState.COMPLETE) & (col(UploadSession.expires_at) <= moment)
        was_complete = (col(UploadSession.state) == UploadState.COMPLETE) & (
            col(UploadSession.created_at) <= moment - COMPLETE_KEPT_FOR
        )
        ended = session.execute(delete(UploadSession).where(or_(is_old, was_complete)).returning(col(UploadSession.id)))
        return len(ended.all())


def _discard_bytes(engine: Engine, spool: Spool) -> None:
    """Forget the bytes of every upload that takes no more of them."""
    for spooled in list(spool.uploads()):
        with reading(engine) as session:
            is_open = select(UploadSession.id).where(UploadSession.state == UploadState.OPEN)
            open_ids = {str(i) for i in session.exec(is_open)}
        if spooled.upload not in open_ids and spooled.modified_at <= now() - GRACE:
            spool.discard(spooled.upload)


def _forget_renditions(engine: Engine) -> None:
    """Rows of renditions whose bytes no asset has any more."""
    with transaction(engine) as session:
        has_asset = exists().where(col(Asset.sha256) == col(Rendition.sha256))
        session.execute(delete(Rendition).where(~has_asset, col(Rendition.created_at) <= now() - GRACE))


def _remove_orphans(engine: Engine, store: BlobStore, batch: list[BlobStat]) -> list[BlobStat]:
    with reading(engine) as session:
        suspects = _orphans(session, batch, now() - GRACE)
    if not suspects:
        return []
    with transaction(engine) as session:  # nobody can come to refer to them between the look and the deletion
        shut_out_sweep(session, wholly=True)
        orphans = _orphans(session, _as_they_are(store, suspects), now() - GRACE)
        for found in orphans:
            store.delete(found.key)
    return orphans


def _orphans(session: Session, found: Iterable[BlobStat], before: datetime) -> list[BlobStat]:
    old = [stat for stat in found if stat.modified_at <= before]
    digests = {digest for stat in old if (digest := _digest_in(stat.key))}
    assets = set(session.exec(select(Asset.sha256).where(col(Asset.sha256).in_(digests))))
    made = select(Rendition.sha256, Rendition.kind).where(
        col(Rendition.sha256).in_(digests), Rendition.state != RenditionState.FAILED
    )
    renditions = {(sha256, kind) for sha256, kind in session.exec(made)}
    return [stat for stat in old if not _is_referred_to(stat.key, assets, renditions)]


def _is_referred_to(key: str, assets: set[str], renditions: set[tuple[str, str]]) -> bool:
    match key.split("/"):
        case ["sha256", _, _, digest]:
            return digest in assets
        case ["renditions", _, digest, kind, *_]:
            return (digest, kind) in renditions
        case _:
            return False


def _digest_in(key: str) -> str | None:
    names = key.split("/")
    match names:
        case ["sha256", _, _, digest]:
            return digest
        case ["renditions", _, digest, *_] if len(names) >= _RENDITION_NAMES:
            return digest
        case _:
            return None


def _as_they_are(store: BlobStore, suspects: list[BlobStat]) -> Iterator[BlobStat]:
    """The suspects again, as the store knows them now: one may just have been stored anew."""
    for suspect in suspects:
        try:
            yield store.stat(suspect.key)
        except BlobNotFound:
            continue


def _batches(found: Iterator[BlobStat]) -> Iterator[list[BlobStat]]:
    while batch := list(islice(found, _BATCH)):
        yield batch
