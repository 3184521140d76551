"""The one place where a revision becomes what readers see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, update

from tongke.db import now
from tongke.errors import Conflict
from tongke.i18n import say
from tongke.resources.models import LearningResource, Revision, RevisionState
from tongke.search.outbox import request_reindex

_PUBLISHABLE = (RevisionState.DRAFT.value, RevisionState.IN_REVIEW.value)


def publish(session: Session, resource: LearningResource, revision: Revision) -> None:
    """Make ``revision`` the published one in place of the previous.

    It comes from review, or is a draft whose import was approved (the database asks for that). Four steps, since the
    pointer names a published revision after each of them or nothing: let go, supersede, publish, point. The reindex
    request stands in the same transaction.
    """
    at = now()
    _point(session, resource, None)
    session.exec(
        update(Revision)
        .where(col(Revision.resource_id) == resource.id, col(Revision.state) == RevisionState.PUBLISHED.value)
        .values(state=RevisionState.SUPERSEDED.value)
    )
    changed = session.exec(
        update(Revision)
        .where(col(Revision.id) == revision.id, col(Revision.state).in_(_PUBLISHABLE))
        .values(state=RevisionState.PUBLISHED.value, published_at=at)
    )
    if changed.rowcount != 1:
        raise Conflict(say("这个版本的状态刚刚变了，请刷新后再试。"))
    _point(session, resource, revision, published_at=resource.published_at or at, at=at)
    request_reindex(session, resource.id)


def _point(
    session: Session,
    resource: LearningResource,
    revision: Revision | None,
    *,
    at: datetime | None = None,
    published_at: datetime | None = None,
) -> None:
    values: dict[str, Any] = {"published_revision_id": revision.id if revision else None}
    if revision is not None:
        values |= {"published_at": published_at, "updated_at": at}
    session.exec(update(LearningResource).where(col(LearningResource.id) == resource.id).values(**values))
