"""The audit trail: events are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from tongke.db import Json, UtcDateTime, new_id, now


class AuditEvent(SQLModel, table=True):
    __tablename__ = "audit_event"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
    actor_id: UUID | None = Field(default=None, foreign_key="person.id")
    action: str = Field(description="verb of the domain: resource.publish, asset.ingest …")
    subject_kind: str
    subject_id: str = Field(index=True)
    reason: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
