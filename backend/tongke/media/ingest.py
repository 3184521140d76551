"""The one door for every byte: form, API, bulk import, package import, demo."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text
from sqlmodel import Session

from tongke.accounts.actor import Actor
from tongke.audit.service import record
from tongke.config import Settings
from tongke.db import transaction
from tongke.errors import BlobNotFound, StorageUnavailable
from tongke.media.filenames import clean_filename
from tongke.media.ingest_scan import scan
from tongke.media.models import Asset
from tongke.media.position import carries_position, strip_position
from tongke.media.renditions import plan_renditions
from tongke.media.sniff import Sniffed, sniff
from tongke.storage.base import BlobStore, blob_key

PIECE_BYTES = 1024 * 1024
_SWEEP_LOCK = 0x746F6E676B65  # "tongke"
_TRIES = 3


def ingest(
    engine: Engine,
    store: BlobStore,
    actor: Actor,
    source: Path,
    filename: str,
    *,
    settings: Settings,
    received_sha256: str | None = None,
    parts: Sequence[str] = (),
    adopt: bool = False,
    along: Callable[[Session, Asset], None] | None = None,
) -> Asset:
    """Check the bytes of ``source``, store them once, and give ``actor`` an asset with its rendition jobs.

    ``received_sha256`` is the digest if it is known already; ``parts`` are objects in ``store`` that joined equal
    ``source``; ``adopt`` promises that nobody writes to ``source`` again. ``along`` runs in the transaction that
    adds the asset. Raises ``RefusedContent`` with the reason, ``Unavailable`` when the scanner or store is away.
    """
    assert actor.user_id is not None
    sniffed = sniff(source, filename)
    scan(settings.clamav_address, source)
    received = received_sha256 or sha256_of(source)
    with _cleaned(source, sniffed) as clean:
        sha256 = received if clean is source else sha256_of(clean)
        asset = Asset(
            owner_id=actor.user_id,
            filename=clean_filename(filename),
            sha256=sha256,
            received_sha256=received,
            size_bytes=clean.stat().st_size,
            media_type=sniffed.media_type,
            kind=sniffed.kind,
        )

        def keep() -> None:
            _keep(store, asset, clean, parts if clean is source else (), adopt=adopt or clean is not source)

        _record(engine, store, actor, asset, keep, along)
    return asset


def sha256_of(path: Path) -> str:
    with path.open("rb", buffering=0) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def shut_out_sweep(session: Session, *, wholly: bool = False) -> None:
    """Until this transaction ends no sweep deletes objects; ``wholly`` is the sweep's own side of it.

    SQLite has one writer and needs nothing more than the writing transaction itself.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = "pg_advisory_xact_lock" if wholly else "pg_advisory_xact_lock_shared"
        session.execute(text(f"SELECT {lock}(:key)"), {"key": _SWEEP_LOCK})


@contextmanager
def _cleaned(source: Path, sniffed: Sniffed) -> Iterator[Path]:
    """``source`` itself, or a copy without the place where the picture was taken."""
    if not carries_position(source, sniffed.media_type):
        yield source
        return
    with tempfile.TemporaryDirectory(prefix="tongke-") as folder:
        clean = Path(folder) / "clean"
        shutil.copyfile(source, clean)  # what arrived stays as it was until the asset is recorded
        strip_position(clean, sniffed.media_type)
        yield clean


def _keep(store: BlobStore, asset: Asset, clean: Path, parts: Sequence[str], *, adopt: bool) -> None:
    key = blob_key(asset.sha256)
    if _is_kept(store, asset):
        return
    if parts:
        store.compose(key, list(parts), media_type=asset.media_type)
    else:
        store.put(key, clean, media_type=asset.media_type, adopt=adopt)


def _is_kept(store: BlobStore, asset: Asset) -> bool:
    try:
        return store.stat(blob_key(asset.sha256)).size_bytes == asset.size_bytes
    except BlobNotFound:
        return False


def _record(
    engine: Engine,
    store: BlobStore,
    actor: Actor,
    asset: Asset,
    keep: Callable[[], None],
    along: Callable[[Session, Asset], None] | None,
) -> None:
    """Add the row once the object stands; should a sweep have taken the object just before, store it again."""
    for _ in range(_TRIES):
        keep()
        with transaction(engine) as session:
            shut_out_sweep(session)
            if not _is_kept(store, asset):
                continue
            session.add(asset)
            session.flush()  # jobs and whatever comes along refer to its row
            plan_renditions(session, asset)
            record(session, actor, "asset.ingest", "asset", asset.id, sha256=asset.sha256, size_bytes=asset.size_bytes)
            if along is not None:
                along(session, asset)
            return
    raise StorageUnavailable
