"""Frameworks of the curriculum, after CASE: documents, items, associations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from tongke.db import Json, UtcDateTime, new_id, now, one_of


class FrameworkFamily(StrEnum):
    """Three families live side by side; all are data."""

    STANDARD = "standard"
    TEXTBOOK = "textbook"
    LOCAL = "local"


class FrameworkOrigin(StrEnum):
    """Who keeps a framework: our releases, a file somebody imported, or the people of a region or school."""

    SHIPPED = "shipped"
    IMPORTED = "imported"
    LOCAL = "local"


# Ranges over paths must mean the same bytes on both databases, whatever language PostgreSQL sorts by.
PathText = String().with_variant(String(collation="C"), "postgresql")


class CFDocument(SQLModel, table=True):
    """A framework (CASE CFDocument). Local ones belong to a school or a region; others to nobody."""

    __tablename__ = "cf_document"
    __table_args__ = (one_of("family", FrameworkFamily), one_of("origin", FrameworkOrigin))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    identifier: str = Field(unique=True, description="CASE identifier, or our own stable name.")
    title: str
    family: str
    origin: str = FrameworkOrigin.IMPORTED
    subject: str = Field(default="", index=True)
    stage: str = ""
    system: str = Field(default="", description="学制: 六三, 五四.")
    edition: str = ""
    creator: str = ""
    publisher: str = ""
    language: str = "zh-CN"
    adoption_status: str = ""
    source: str = Field(default="", description="Where the facts come from.")
    notes: str = Field(default="", description="What a reader should know: how deep it goes, what is missing.")
    case_version: str = ""
    region_code: str | None = Field(default=None, foreign_key="region.code")
    school_id: UUID | None = Field(default=None, foreign_key="school.id")
    retired: bool = False
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CFItem(SQLModel, table=True):
    """A framework item (CASE CFItem). ``path`` lists the ids from the root, so descendants are one prefix.

    A retired item is no longer offered, but what is aligned to it keeps its place.
    """

    __tablename__ = "cf_item"
    __table_args__ = (
        Index("ix_cf_item_document", "document_id", "retired", "depth", "position"),
        Index("ix_cf_item_parent", "parent_id", "position"),
        Index("ix_cf_item_code", "human_coding_scheme"),
        Index("ix_cf_item_path", "path"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    document_id: UUID = Field(foreign_key="cf_document.id")
    parent_id: UUID | None = Field(default=None, foreign_key="cf_item.id")
    identifier: str = Field(unique=True)
    human_coding_scheme: str = ""
    full_statement: str
    abbreviated_statement: str = ""
    item_type: str = Field(default="", description="册, 单元, 课, 学习任务群, Standard …")
    position: int = 0
    depth: int = 0
    path: str = Field(default="", sa_type=PathText, description="/short-id/short-id/ from the root down to this item.")
    trail: str = Field(default="", description="What stands above it: 语文 统编版 › 三年级上册 › 第一单元.")
    retired: bool = False
    subject: str = ""
    stage: str = ""
    grade: int | None = None
    volume: str = ""
    edition: str = ""
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class CFAssociation(SQLModel, table=True):
    """A relation between two items (CASE CFAssociation), crosswalks between editions among them."""

    __tablename__ = "cf_association"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    identifier: str = Field(unique=True)
    document_id: UUID = Field(foreign_key="cf_document.id", index=True)
    association_type: str
    origin_id: UUID = Field(foreign_key="cf_item.id", index=True)
    destination_id: UUID = Field(foreign_key="cf_item.id", index=True)
    position: int = 0


class ShippedContent(SQLModel, table=True):
    """A file of this release that is in the database, by its digest: starting again loads nothing twice."""

    __tablename__ = "shipped_content"

    name: str = Field(primary_key=True)
    sha256: str
    loaded_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
