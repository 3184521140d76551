"""People, schools and regions."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from tongke.db import Json, UtcDateTime, new_id, now, one_of


class Role(StrEnum):
    TEACHER = "teacher"
    REVIEWER = "reviewer"
    SCHOOL_ADMIN = "school_admin"
    REGION_ADMIN = "region_admin"
    PLATFORM_ADMIN = "platform_admin"
    PUPIL = "pupil"


class SchoolKind(StrEnum):
    """What kind of school; the value is the label people read and filter by."""

    TEACHING_POINT = "教学点"
    PRIMARY = "完全小学"
    JUNIOR_MIDDLE = "初级中学"
    NINE_YEAR = "九年一贯制学校"
    COMPLETE_MIDDLE = "完全中学"
    TWELVE_YEAR = "十二年一贯制学校"
    SPECIAL = "特殊教育学校"
    OTHER = "其他"


class Locality(StrEnum):
    """Urban-rural class as teachers say it: 城, 镇, 村 (statistics-office codes 11x, 12x, 2xx)."""

    CITY = "城"
    TOWN = "镇"
    VILLAGE = "村"


class Region(SQLModel, table=True):
    """A node of the statistics-office code tree (2023): province 2 digits, city 4, county 6, town 9."""

    code: str = Field(primary_key=True, max_length=9)
    name: str
    level: str
    kind: str = ""
    parent_code: str | None = Field(default=None, foreign_key="region.code", index=True)


class School(SQLModel, table=True):
    __table_args__ = (one_of("kind", SchoolKind), one_of("locality", Locality))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(unique=True, max_length=32)
    name: str = Field(index=True)
    kind: str = SchoolKind.OTHER
    locality: str = Locality.TOWN
    region_code: str = Field(foreign_key="region.code", index=True)
    urban_rural_code: str = ""
    bandwidth_kbps: int | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class User(SQLModel, table=True):
    __tablename__ = "person"  # "user" is a reserved word of PostgreSQL
    __table_args__ = (one_of("role", Role),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(unique=True, description="Lower case; also school-issued sign-in names.")
    name: str
    password_hash: str | None = None
    role: str = Role.TEACHER
    region_code: str | None = Field(default=None, foreign_key="region.code", description="What a region admin runs.")
    locale: str | None = None
    low_data: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    suspended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SchoolMembership(SQLModel, table=True):
    """A person at a school from one day to another: teachers rotate (交流轮岗)."""

    __tablename__ = "school_membership"
    __table_args__ = (Index("ix_school_membership_person_since", "user_id", "since"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="person.id")
    school_id: UUID = Field(foreign_key="school.id", index=True)
    since: date
    until: date | None = None


class SignInSession(SQLModel, table=True):
    """A signed-in browser; the cookie holds the token, the table only its SHA-256."""

    __tablename__ = "sign_in_session"

    token_sha256: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    last_seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    user_agent: str = ""


class ApiToken(SQLModel, table=True):
    """A bearer token; all its user may do, unless ``scopes`` narrows it."""

    __tablename__ = "api_token"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    token_sha256: str = Field(unique=True)
    user_id: UUID = Field(foreign_key="person.id", index=True)
    scopes: list[str] = Field(default_factory=list, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
