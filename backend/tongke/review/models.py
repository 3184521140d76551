"""Reviews: one row for each revision that was submitted, decided once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from tongke.db import Json, UtcDateTime, new_id, now


class Decision(StrEnum):
    PUBLISH = "publish"
    REQUEST_CHANGES = "request_changes"
    DECLINE = "decline"


class Review(SQLModel, table=True):
    """``author_id`` is copied from the revision so that the database itself refuses a review of one's own work."""

    __table_args__ = (
        CheckConstraint("reviewer_id IS NULL OR reviewer_id <> author_id", name="not_ones_own"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_once"),
        CheckConstraint("decision IS NULL OR reviewer_id IS NOT NULL", name="decided_by_somebody"),
        CheckConstraint("decision IN ('publish', 'request_changes', 'decline')", name="decision"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    revision_id: UUID = Field(foreign_key="revision.id", unique=True)
    author_id: UUID = Field(foreign_key="person.id")
    reviewer_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision: str | None = None
    comment: str = ""
    checklist: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
