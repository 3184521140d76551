"""Learning resources: a stable address, immutable revisions, and what surrounds them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from tongke.db import Json, UtcDateTime, new_id, now, one_of


class ResourceType(StrEnum):
    LESSON_VIDEO = "lesson-video"
    CLASSROOM_RECORDING = "classroom-recording"
    SLIDES = "slides"
    LESSON_PLAN = "lesson-plan"
    WORKSHEET = "worksheet"
    ASSESSMENT = "assessment"
    READING = "reading"
    AUDIO = "audio"
    INTERACTIVE = "interactive"
    EXPERIMENT = "experiment"
    TEXTBOOK_COMPANION = "textbook-companion"
    OTHER = "other"


class RevisionState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    DECLINED = "declined"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


OPEN_STATES = (RevisionState.DRAFT, RevisionState.SUBMITTED, RevisionState.IN_REVIEW)
"""A resource has at most one revision in these."""


class Standing(StrEnum):
    """What a resource is besides the state of its revisions."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    TAKEN_DOWN = "taken_down"
    DELETED = "deleted"


class Visibility(StrEnum):
    PUBLIC = "public"
    REGION = "region"
    SCHOOL = "school"
    PRIVATE = "private"


class Relation(StrEnum):
    TEACHES = "teaches"
    ASSESSES = "assesses"
    REQUIRES = "requires"


class FileRole(StrEnum):
    MAIN = "main"
    CAPTIONS = "captions"


class LearningResource(SQLModel, table=True):
    """A lesson's stable address. ``published_revision_id`` is the pointer; readers see only what it names."""

    __tablename__ = "learning_resource"
    __table_args__ = (
        one_of("standing", Standing),
        CheckConstraint("standing = 'active' OR standing_at IS NOT NULL", name="standing_dated"),
        Index("ix_learning_resource_external", "owner_id", "external_id", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    short_code: str = Field(unique=True, max_length=8, description="Typed from a printed sheet; no look-alikes.")
    owner_id: UUID = Field(foreign_key="person.id", index=True)
    school_id: UUID | None = Field(default=None, foreign_key="school.id", index=True)
    external_id: str | None = Field(default=None, index=True)
    import_digest: str = Field(default="", max_length=64, description="Of the record and files last imported.")
    standing: str = Field(
        default=Standing.ACTIVE, description="Not indexed: nearly all are active, and SQLite would scan."
    )
    standing_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    standing_reason: str = ""
    published_revision_id: UUID | None = Field(default=None, index=True)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    is_based_on_id: UUID | None = Field(default=None, foreign_key="learning_resource.id")
    rating_sum: int = 0
    rating_count: int = 0
    use_count: int = 0
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Revision(SQLModel, table=True):
    """One version of a resource: written while a draft, never changed after it is submitted (a trigger keeps it so)."""

    __table_args__ = (
        one_of("state", RevisionState),
        one_of("type", ResourceType),
        one_of("visibility", Visibility),
        UniqueConstraint("resource_id", "number"),
        Index(
            "uq_revision_one_published",
            "resource_id",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "uq_revision_one_open",
            "resource_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'submitted', 'in_review')"),
            postgresql_where=text("state IN ('draft', 'submitted', 'in_review')"),
        ),
        CheckConstraint(
            "state IN ('draft', 'superseded') OR commitment_at IS NOT NULL OR import_approved_by IS NOT NULL",
            name="commitment_before_review",
        ),
        CheckConstraint("grade IS NULL OR grade BETWEEN 1 AND 12", name="grade_range"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    resource_id: UUID = Field(foreign_key="learning_resource.id", index=True)
    number: int
    state: str = Field(default=RevisionState.DRAFT, index=True)
    author_id: UUID = Field(foreign_key="person.id", index=True)
    based_on_number: int | None = None

    title: str
    description: str = ""
    type: str = ResourceType.OTHER
    subject: str = ""
    stage: str = ""
    grade: int | None = None
    volume: str = ""
    edition: str = ""
    unit: str = ""
    keywords: list[str] = Field(default_factory=list, sa_type=Json)
    language: str = "zh-CN"
    audience: list[str] = Field(default_factory=list, sa_type=Json)
    licence: str = "CC-BY-4.0"
    author_name: str = ""
    school_name: str = ""
    region_code: str = ""
    time_required_s: int | None = None
    conditions: list[str] = Field(default_factory=list, sa_type=Json)
    accessibility: list[str] = Field(default_factory=list, sa_type=Json)
    ai_generated: bool = False
    visibility: str = Visibility.PUBLIC
    change_note: str = ""

    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    saved_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    commitment_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    import_approved_by: UUID | None = Field(default=None, foreign_key="person.id")


class Alignment(SQLModel, table=True):
    """A revision's tie to a framework item (LRMI AlignmentObject), with who said so."""

    __table_args__ = (UniqueConstraint("revision_id", "framework_item_id", "relation"), one_of("relation", Relation))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    revision_id: UUID = Field(foreign_key="revision.id", index=True)
    framework_item_id: UUID = Field(foreign_key="cf_item.id", index=True)
    relation: str = Relation.TEACHES
    provenance: str = Field(default="author", description="author, import, reviewer")


class RevisionFile(SQLModel, table=True):
    """A file of a revision, in order; captions name the file they are for."""

    __tablename__ = "revision_file"
    __table_args__ = (UniqueConstraint("revision_id", "position"), one_of("role", FileRole))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    revision_id: UUID = Field(foreign_key="revision.id", index=True)
    asset_id: UUID = Field(foreign_key="asset.id", index=True)
    role: str = FileRole.MAIN
    about_asset_id: UUID | None = Field(default=None, foreign_key="asset.id")
    language: str = ""
    title: str = ""
    position: int = 0


class Favourite(SQLModel, table=True):
    user_id: UUID = Field(foreign_key="person.id", primary_key=True)
    resource_id: UUID = Field(foreign_key="learning_resource.id", primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Rating(SQLModel, table=True):
    """One person's stars and words about a resource."""

    __table_args__ = (
        UniqueConstraint("resource_id", "user_id"),
        CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    resource_id: UUID = Field(foreign_key="learning_resource.id", index=True)
    user_id: UUID = Field(foreign_key="person.id")
    stars: int
    comment: str = ""
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ProblemReport(SQLModel, table=True):
    """Somebody says that something is wrong with a resource."""

    __tablename__ = "problem_report"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    resource_id: UUID = Field(foreign_key="learning_resource.id", index=True)
    reporter_id: UUID | None = Field(default=None, foreign_key="person.id")
    kind: str
    words: str = ""
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: UUID | None = Field(default=None, foreign_key="person.id")
    outcome: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
