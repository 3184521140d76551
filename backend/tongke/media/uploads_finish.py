"""From the last byte to an asset."""

from __future__ import annotations

from sqlalchemy import Engine

from tongke.accounts.actor import Actor
from tongke.config import Settings
from tongke.db import reading, transaction
from tongke.errors import RefusedContent
from tongke.i18n import say
from tongke.media.ingest import ingest, sha256_of
from tongke.media.models import Asset, UploadSession
from tongke.media.uploads import complete, refuse
from tongke.media.uploads_lease import Lease
from tongke.storage.base import BlobStore
from tongke.storage.spool import Spool


def finish(
    engine: Engine,
    store: BlobStore,
    spool: Spool,
    settings: Settings,
    actor: Actor,
    lease: Lease,
    *,
    received_sha256: str | None,
) -> Asset:
    """Turn the upload, all of whose bytes are durable, into an asset; repeatable until it has succeeded.

    ``received_sha256`` is the digest taken on arrival, or None where no single process saw every byte: then they are
    read again. What is refused is remembered and its bytes forgotten; every other error leaves them where they are.
    """
    upload = lease.upload
    name = str(upload.id)
    with lease.kept_alive(upload.length_bytes), spool.whole(name) as whole:
        try:
            # parts are hashed again: another writer's, should there be any, were never seen here
            received = sha256_of(whole.path) if whole.parts or not received_sha256 else received_sha256
            _check_claim(upload, received)
            asset = ingest(
                engine,
                store,
                actor,
                whole.path,
                upload.filename,
                settings=settings,
                received_sha256=received,
                parts=whole.parts,
                adopt=True,
                along=lambda session, asset: complete(lease.check(session), asset),
            )
        except RefusedContent as refusal:
            with transaction(engine) as session:
                refuse(lease.check(session), refusal.message)
            spool.discard(name)
            raise
    spool.discard(name)
    return asset


def asset_of(engine: Engine, upload: UploadSession) -> Asset:
    """What a complete upload became."""
    with reading(engine) as session:
        asset = session.get(Asset, upload.asset_id)
    assert asset is not None
    return asset


def _check_claim(upload: UploadSession, received: str) -> None:
    if upload.claimed_sha256 and upload.claimed_sha256 != received:
        raise RefusedContent(say("收到的内容和上传前计算的校验码不一致，可能中途换了文件。请重新上传。"))
