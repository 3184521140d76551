"""What makes up the content of a revision, and copying it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from tongke.db import now
from tongke.resources.models import Alignment, LearningResource, Revision, RevisionFile
from tongke.resources.schemas import REVISION_COLUMNS

CONTENT_COLUMNS = tuple(name for name in Revision.model_fields if name in REVISION_COLUMNS)
"""The describing columns of a revision, in the order they are shown."""


def hold(session: Session, resource: LearningResource) -> None:
    """Read the resource as it is now and keep others from changing it until this transaction ends.

    SQLite has one writer anyway; on PostgreSQL two requests about one resource take turns here.
    """
    session.refresh(resource, with_for_update=True)


def content_of(revision: Revision) -> dict[str, Any]:
    return {name: getattr(revision, name) for name in CONTENT_COLUMNS}


def files_of(session: Session, revision: Revision) -> list[RevisionFile]:
    """The files of a revision, in order."""
    wanted = select(RevisionFile).where(RevisionFile.revision_id == revision.id)
    return list(session.exec(wanted.order_by(col(RevisionFile.position))))


def alignments_of(session: Session, revision: Revision) -> list[Alignment]:
    return list(session.exec(select(Alignment).where(Alignment.revision_id == revision.id)))


def copy_parts(session: Session, source: Revision, target: Revision) -> None:
    """Give ``target`` the files and alignments of ``source``; both rows must stand in the database."""
    for file in files_of(session, source):
        parts = file.model_dump(exclude={"id", "revision_id"})
        session.add(RevisionFile(revision_id=target.id, **parts))
    for alignment in alignments_of(session, source):
        parts = alignment.model_dump(exclude={"id", "revision_id"})
        session.add(Alignment(revision_id=target.id, **parts))


def touched(revision: Revision) -> Revision:
    """Note that the draft was saved just now."""
    revision.saved_at = now()
    return revision
