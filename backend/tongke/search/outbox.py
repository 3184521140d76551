"""Telling the index that something changed: rows written in the transaction of the change."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session

from tongke.search.models import ReindexRequest


def request_reindex(session: Session, *resource_ids: UUID) -> None:
    """Ask for the present state of each resource to be brought to the index."""
    session.add_all(ReindexRequest(resource_id=resource_id) for resource_id in resource_ids)
