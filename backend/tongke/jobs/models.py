"""Work that outlives a request: a leased row in the application's database."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from tongke.db import Json, UtcDateTime, new_id, now, one_of


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(SQLModel, table=True):
    """One piece of work. At most one unfinished job holds a given ``dedupe_key``."""

    __table_args__ = (
        one_of("state", JobState),
        Index("ix_job_claim", "state", "priority", "not_before"),
        Index(
            "uq_job_unfinished_dedupe_key",
            "dedupe_key",
            unique=True,
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    dedupe_key: str
    priority: int = Field(default=5, description="Lower runs first.")
    state: str = JobState.QUEUED
    attempts: int = 0
    max_attempts: int = 3
    not_before: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    lease_token: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failure: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
