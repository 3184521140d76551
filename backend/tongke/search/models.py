"""The outbox between database and index: rows that say "this resource changed"."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from tongke.db import UtcDateTime, now


class ReindexRequest(SQLModel, table=True):
    """A resource whose present state the index may not show yet; several for one resource are fine."""

    __tablename__ = "reindex_request"

    id: int | None = Field(default=None, primary_key=True)
    resource_id: UUID = Field(index=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class IndexLease(SQLModel, table=True):
    """One row: who may write to the index now (drain or rebuild)."""

    __tablename__ = "index_lease"

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = Field(sa_type=UtcDateTime)
