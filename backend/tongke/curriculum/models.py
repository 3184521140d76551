"""Frameworks of the curriculum, after CASE: documents, items, associations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from tongke.db import Json, UtcDateTime, new_id, now, one_of


class FrameworkFamily(StrEnum):
    """Three families live side by side; all are data."""

    STANDARD = "standard"
    TEXTBOOK = "textbook"
    LOCAL = "local"


class CFDocument(SQLModel, table=True):
    """A framework (CASE CFDocument)."""

    __tablename__ = "cf_document"
    __table_args__ = (one_of("family", FrameworkFamily),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    identifier: str = Field(unique=True, description="CASE identifier, or our own stable name.")
    title: str
    family: str
    subject: str = ""
    stage: str = ""
    creator: str = ""
    publisher: str = ""
    language: str = "zh-CN"
    adoption_status: str = ""
    source: str = Field(default="", description="Where the facts come from.")
    case_version: str = ""
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CFItem(SQLModel, table=True):
    """A framework item (CASE CFItem). ``path`` lists the ids from the root, so descendants are one prefix."""

    __tablename__ = "cf_item"
    __table_args__ = (
        Index("ix_cf_item_document_parent", "document_id", "parent_id", "position"),
        Index("ix_cf_item_code", "human_coding_scheme"),
        Index("ix_cf_item_path", "path"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    document_id: UUID = Field(foreign_key="cf_document.id", index=True)
    parent_id: UUID | None = Field(default=None, foreign_key="cf_item.id")
    identifier: str = Field(unique=True)
    human_coding_scheme: str = ""
    full_statement: str
    abbreviated_statement: str = ""
    item_type: str = Field(default="", description="册, 单元, 课, 学习任务群, Standard …")
    position: int = 0
    depth: int = 0
    path: str = Field(default="", description="/short-id/short-id/ from the root down to this item.")
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
