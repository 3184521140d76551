"""Whether the bytes behind a revision are really there."""

from __future__ import annotations

from sqlmodel import Session, col, select

from tongke.errors import BlobNotFound, Conflict
from tongke.i18n import say
from tongke.media.models import Asset
from tongke.resources.models import Revision, RevisionFile
from tongke.storage.base import BlobStore, blob_key


def require_originals(session: Session, store: BlobStore, revision: Revision) -> None:
    """Ask the store for every file of the revision; raises ``Conflict`` when one is missing or of another size."""
    assets = session.exec(
        select(Asset)
        .join(RevisionFile, col(RevisionFile.asset_id) == col(Asset.id))
        .where(RevisionFile.revision_id == revision.id)
    ).all()
    missing = [a.filename for a in assets if not _is_there(store, a)]
    if missing:
        raise Conflict(say("文件 {names} 的原件还没有核对完，暂时不能发布。", names="、".join(missing)))


def _is_there(store: BlobStore, asset: Asset) -> bool:
    try:
        return store.stat(blob_key(asset.sha256)).size_bytes == asset.size_bytes
    except BlobNotFound:
        return False
