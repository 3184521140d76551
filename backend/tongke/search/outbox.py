"""Reindex requests: written in the transaction of the change they tell of."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlmodel import Session, col

from tongke.db import now
from tongke.search.models import ReindexRequest

_PENDING = select(col(ReindexRequest.resource_id)).distinct().limit(bindparam("most"))


def request_reindex(session: Session, *resource_ids: UUID) -> None:
    """Let the index catch up with each resource; until it has, search leaves the resource out."""
    if resource_ids:
        at = now()
        session.exec(insert(ReindexRequest), params=[{"resource_id": i, "created_at": at} for i in resource_ids])


def pending_ids(session: Session, limit: int) -> frozenset[UUID]:
    """Resources whose present state the index may not show yet, at most ``limit`` of them."""
    session.flush()
    return frozenset(session.connection().execute(_PENDING, {"most": limit}).scalars())  # asked before every search
