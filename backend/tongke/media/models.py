"""Uploads under way, assets (bytes we checked) and their renditions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from tongke.db import Json, UtcDateTime, new_id, now, one_of


class UploadState(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"
    REFUSED = "refused"
    TERMINATED = "terminated"
    EXPIRED = "expired"


class MediaKind(StrEnum):
    """What an asset is, by sniffed type; decides which renditions it gets."""

    VIDEO = "video"
    AUDIO = "audio"
    IMAGE = "image"
    PDF = "pdf"
    OFFICE = "office"
    TEXT = "text"
    CAPTIONS = "captions"
    ARCHIVE = "archive"


class RenditionKind(StrEnum):
    HLS = "hls"
    REMUX = "remux"
    MP4_240 = "mp4_240"
    AUDIO = "audio"
    POSTER = "poster"
    STORYBOARD = "storyboard"
    PAGES = "pages"
    TEXT = "text"
    THUMBNAIL = "thumbnail"


class RenditionState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class UploadSession(SQLModel, table=True):
    """One tus upload. The spool says how many bytes are kept; ``offset_bytes`` is how many were when last noted.

    ``lease`` keeps one writer at a time.
    """

    __tablename__ = "upload_session"
    __table_args__ = (one_of("state", UploadState),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID = Field(foreign_key="person.id", index=True)
    filename: str
    claimed_type: str = ""
    claimed_sha256: str = Field(default="", max_length=64)
    length_bytes: int = Field(sa_type=BigInteger)
    offset_bytes: int = Field(default=0, sa_type=BigInteger)
    state: str = UploadState.OPEN
    refusal: dict[str, Any] | None = Field(default=None, sa_type=Json)
    asset_id: UUID | None = Field(default=None, foreign_key="asset.id")
    lease_token: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Asset(SQLModel, table=True):
    """Bytes whose size, digest and type we checked; the object stands once under ``sha256``.

    ``received_sha256`` is of what arrived, ``sha256`` and ``size_bytes`` of what is stored (camera position removed).
    """

    __table_args__ = (one_of("kind", MediaKind),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    owner_id: UUID = Field(foreign_key="person.id", index=True)
    filename: str
    sha256: str = Field(index=True, max_length=64)
    received_sha256: str = Field(index=True, max_length=64)
    size_bytes: int = Field(sa_type=BigInteger)
    media_type: str
    kind: str
    duration_s: float | None = None
    width: int | None = None
    height: int | None = None
    page_count: int | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Rendition(SQLModel, table=True):
    """Something made from stored bytes (by ``sha256``, so that equal files are worked on once)."""

    __table_args__ = (
        UniqueConstraint("sha256", "kind"),
        one_of("kind", RenditionKind),
        one_of("state", RenditionState),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    sha256: str = Field(index=True, max_length=64)
    kind: str
    state: str = RenditionState.QUEUED
    progress: float = Field(default=0.0, description="0 to 1 while running.")
    remaining_s: float | None = None
    entry: str = Field(
        default="", description="Object key of the file to open first, below renditions/<sha256>/<kind>/."
    )
    size_bytes: int = Field(default=0, sa_type=BigInteger)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json, description="Ladder rungs, page count, text …")
    failure: dict[str, Any] | None = Field(
        default=None, sa_type=Json, description="Why it failed: i18n source + values."
    )
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
