"""Files anybody may have: what the public revisions of standing resources carry."""

from __future__ import annotations

from sqlmodel import Session, col, or_, select

from tongke.media.models import Asset
from tongke.resources.models import LearningResource, Revision, RevisionFile, Standing, Visibility


def public_file(session: Session, sha256: str, size_bytes: int) -> Asset | None:
    """An asset of a published, public resource that arrived, or is stored, as these bytes."""
    asked = (
        select(Asset)
        .join(RevisionFile, col(RevisionFile.asset_id) == Asset.id)
        .join(Revision, col(Revision.id) == RevisionFile.revision_id)
        .join(LearningResource, col(LearningResource.published_revision_id) == Revision.id)
        .where(
            LearningResource.standing == Standing.ACTIVE,
            Revision.visibility == Visibility.PUBLIC,
            or_(col(Asset.received_sha256) == sha256, col(Asset.sha256) == sha256),
        )
    )
    return next((a for a in session.exec(asked) if a.sha256 != sha256 or a.size_bytes == size_bytes), None)
