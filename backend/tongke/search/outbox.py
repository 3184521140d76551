"""Reindex requests: written in the transaction of the change they tell of."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session, select

from tongke.search.models import ReindexRequest


def request_reindex(session: Session, *resource_ids: UUID) -> None:
    """Let the index catch up with each resource; until it has, search leaves the resource out."""
    session.add_all(ReindexRequest(resource_id=resource_id) for resource_id in resource_ids)


def pending_ids(session: Session, limit: int) -> frozenset[UUID]:
    """Resources whose present state the index may not show yet, at most ``limit`` of them."""
    wanted = select(ReindexRequest.resource_id).distinct().limit(limit)
    return frozenset(session.exec(wanted))
