"""Collections: ordered, shareable lists of learning resources."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from tongke.db import UtcDateTime, new_id, now


class Collection(SQLModel, table=True):
    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID = Field(foreign_key="person.id", index=True)
    title: str
    description: str = ""
    is_public: bool = False
    share_token: str | None = Field(default=None, unique=True, description="Opens it to whoever has the link.")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class CollectionItem(SQLModel, table=True):
    __tablename__ = "collection_item"

    collection_id: UUID = Field(foreign_key="collection.id", primary_key=True)
    resource_id: UUID = Field(foreign_key="learning_resource.id", primary_key=True)
    position: int
    note: str = ""
