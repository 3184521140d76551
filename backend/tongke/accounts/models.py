"""People, schools and regions."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, false
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
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class User(SQLModel, table=True):
    __tablename__ = "person"  # "user" is a reserved word of PostgreSQL
    __table_args__ = (one_of("role", Role),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(unique=True, description="Lower case; also school-issued sign-in names.")
    name: str
    password_hash: str | None = None
    role: str = Role.TEACHER
    region_code: str | None = Field(default=None, foreign_key="region.code", description="What a region admin runs.")
    rank_school_id: UUID | None = Field(
        default=None, description="Where a school admin's or reviewer's rank holds, while the person is there."
    )
    locale: str | None = None
    low_data: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    suspended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended_for: str = Field(default="", sa_column_kwargs={"server_default": ""})
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SchoolMembership(SQLModel, table=True):
    """A person at a school from one day to another: teachers rotate (交流轮岗)."""

    __tablename__ = "school_membership"
    __table_args__ = (Index("ix_school_membership_person_since", "user_id", "since"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="person.id")
    school_id: UUID = Field(foreign_key="school.id", index=True)
    since: date
    until: date | None = Field(default=None, description="The last day there.")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="Ended at this moment, by hand.")


class RoleGrant(SQLModel, table=True):
    """A rank lent from one day to another, beside what a person is: reviewer for a term, admin while one is away."""

    __tablename__ = "role_grant"
    __table_args__ = (one_of("role", Role),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(foreign_key="person.id", index=True)
    role: str
    school_id: UUID | None = Field(default=None, foreign_key="school.id")
    region_code: str | None = Field(default=None, foreign_key="region.code")
    since: date
    until: date | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    granted_by: UUID | None = Field(default=None, foreign_key="person.id")
    granted_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SignInSession(SQLModel, table=True):
    """A signed-in browser; the cookie holds the token, the table only its SHA-256."""

    __tablename__ = "sign_in_session"

    token_sha256: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    last_seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    user_agent: str = ""
    is_shared: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class ApiToken(SQLModel, table=True):
    """A bearer token; all its user may do, unless ``scopes`` narrows it."""

    __tablename__ = "api_token"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    token_sha256: str = Field(unique=True)
    user_id: UUID = Field(foreign_key="person.id", index=True)
    scopes: list[str] = Field(default_factory=list, sa_type=Json)
    name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CodePurpose(StrEnum):
    """What a one-time code opens: the first sign-in, a new password by the school's hand, or by e-mail."""

    INVITATION = "invitation"
    SCHOOL_RESET = "school_reset"
    MAIL_RESET = "mail_reset"


class OneTimeCode(SQLModel, table=True):
    """A code that sets a password once; the table holds only its keyed digest."""

    __tablename__ = "one_time_code"
    __table_args__ = (one_of("purpose", CodePurpose),)

    digest: str = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="person.id", index=True)
    purpose: str
    made_by: UUID | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RosterState(StrEnum):
    """How far a roster has come."""

    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"


class Roster(SQLModel, table=True):
    """A spreadsheet of people: what it holds, what is wrong in which line, and how far its import is."""

    __table_args__ = (one_of("state", RosterState),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    made_by: UUID = Field(foreign_key="person.id", index=True)
    school_id: UUID | None = Field(default=None, foreign_key="school.id")
    file_name: str = ""
    content: str = Field(default="", description="The text of the file; emptied when it has been imported.")
    accepts_moves: bool = False
    state: str = RosterState.CHECKING
    done: int = 0
    total: int = 0
    report: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    imported_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PupilClass(SQLModel, table=True):
    """A class whose pupils sign in by card: a number each, no name, nothing personal."""

    __tablename__ = "pupil_class"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    school_id: UUID = Field(foreign_key="school.id", index=True)
    code: str = Field(unique=True, description="The first part of every sign-in name of the class.")
    name: str
    made_by: UUID = Field(foreign_key="person.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PupilCard(SQLModel, table=True):
    """A pupil's place in the class and the digest of the code on the card."""

    __tablename__ = "pupil_card"
    __table_args__ = (UniqueConstraint("class_id", "number"),)

    user_id: UUID = Field(foreign_key="person.id", primary_key=True)
    class_id: UUID = Field(foreign_key="pupil_class.id")
    number: int
    card_digest: str = Field(unique=True)


class Erasure(SQLModel, table=True):
    """One line of the erasure ledger: who, by a pseudonymous id, was erased when and by whom."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    subject_id: UUID = Field(index=True, description="No foreign key: a restored backup may not know the person.")
    subject_kind: str
    by: UUID | None = None
