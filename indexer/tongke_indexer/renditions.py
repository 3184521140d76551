"""When the text of a file can be read, the resources that use it are indexed again."""

from __future__ import annotations

from sqlmodel import Session, col, select

from tongke.media.models import Asset
from tongke.resources.models import Revision, RevisionFile
from tongke.search.outbox import request_reindex


def text_ready(session: Session, sha256: str) -> None:
    """Ask for every resource with that file to be indexed anew; part of the caller's transaction."""
    using = (
        select(Revision.resource_id)
        .join(RevisionFile, col(RevisionFile.revision_id) == col(Revision.id))
        .join(Asset, col(Asset.id) == col(RevisionFile.asset_id))
        .where(Asset.sha256 == sha256)
        .distinct()
    )
    request_reindex(session, *session.exec(using))
