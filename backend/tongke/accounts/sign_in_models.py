"""What signing in keeps: tries that slow down, half-done steps, providers' identities, passkeys, one-time codes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, ForeignKey, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from tongke.db import Json, UtcDateTime, new_id, now, one_of


class StepKind(StrEnum):
    """What a browser is in the middle of."""

    PROVIDER = "provider"  # it was sent to an identity provider and should come back
    IDENTITY = "identity"  # it came back with somebody we do not know yet
    SECOND = "second"  # the password was right; a code or a passkey is still wanted
    PASSKEY = "passkey"  # a passkey was asked to sign something


class SignInTries(SQLModel, table=True):
    """How often somebody tried a name, an address, or both; the key is a digest: neither is kept."""

    __tablename__ = "sign_in_tries"

    key: str = Field(primary_key=True)
    tries: int = 0
    wait_until: datetime = Field(sa_type=UtcDateTime)
    succeeded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    forget_at: datetime = Field(sa_type=UtcDateTime, index=True)


class FailedSignIn(SQLModel, table=True):
    """A try with a wrong password or code, for the person to see."""

    __tablename__ = "failed_sign_in"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(sa_column=Column(ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True))
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
    address: str = ""
    user_agent: str = ""


class SignInStep(SQLModel, table=True):
    """Something begun in one browser and ended there once: the browser holds the token, the table its SHA-256."""

    __tablename__ = "sign_in_step"
    __table_args__ = (one_of("kind", StepKind),)

    token_sha256: str = Field(primary_key=True)
    kind: str
    user_id: UUID | None = Field(
        default=None, sa_column=Column(ForeignKey("person.id", ondelete="CASCADE"), nullable=True, index=True)
    )
    body: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class ProviderIdentity(SQLModel, table=True):
    """A person as an identity provider knows them."""

    __tablename__ = "provider_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(sa_column=Column(ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True))
    provider: str
    issuer: str
    subject: str
    email: str = ""
    linked_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ProviderSession(SQLModel, table=True):
    """The provider's side of a signed-in browser: what ends it from there, and what ends it there."""

    __tablename__ = "provider_session"

    token_sha256: str = Field(
        sa_column=Column(ForeignKey("sign_in_session.token_sha256", ondelete="CASCADE"), primary_key=True)
    )
    provider: str
    issuer: str
    subject: str = Field(index=True)
    sid: str = Field(default="", index=True)
    id_token: str = Field(default="", sa_column=Column(Text, nullable=False))


class BurntToken(SQLModel, table=True):
    """A token that works once and was used, until it would have expired anyway."""

    __tablename__ = "burnt_token"

    token_sha256: str = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Passkey(SQLModel, table=True):
    """A key pair on somebody's device; we hold the public half."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    user_id: UUID = Field(sa_column=Column(ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True))
    credential_id: str = Field(unique=True)
    public_key: bytes
    sign_count: int = Field(default=0, sa_type=BigInteger)
    name: str
    transports: list[str] = Field(default_factory=list, sa_type=Json)
    is_backed_up: bool = False
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Authenticator(SQLModel, table=True):
    """A person's one-time-code program (TOTP): its secret, sealed, and the last step that was used."""

    user_id: UUID = Field(sa_column=Column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True))
    sealed_secret: str
    last_step: int = 0
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """A code on paper that stands for the authenticator once; only its digest is kept."""

    __tablename__ = "recovery_code"

    code_sha256: str = Field(primary_key=True)
    user_id: UUID = Field(sa_column=Column(ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True))
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
