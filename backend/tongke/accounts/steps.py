"""Things begun in one browser and ended there, once: what is bound to a browser cannot be ended in another."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import Session, SQLModel

from tongke.accounts import passwords
from tongke.accounts.sign_in_models import BurntToken, FailedSignIn, SignInStep, StepKind
from tongke.db import now
from tongke.errors import Invalid
from tongke.i18n import say

LIFETIME = timedelta(minutes=10)
FAILED_KEPT_FOR = timedelta(days=90)
_STEPS = SQLModel.metadata.tables["sign_in_step"]
_FORGOTTEN = (
    (SignInStep.__tablename__, "expires_at", timedelta(0)),
    (BurntToken.__tablename__, "expires_at", timedelta(0)),
    (FailedSignIn.__tablename__, "at", FAILED_KEPT_FOR),
)


@dataclass(frozen=True, slots=True)
class Step:
    user_id: UUID | None
    body: dict[str, Any]


def begin(
    session: Session, kind: StepKind, browser: str, body: dict[str, Any] | None = None, *, user_id: UUID | None = None
) -> str:
    """Note that ``browser`` (its cookie's secret) is in the middle of something; returns the token that ends it."""
    _forget_old(session)
    token = passwords.new_token()
    row = SignInStep(
        token_sha256=_digest(kind, browser, token),
        kind=kind,
        user_id=user_id,
        body=body or {},
        expires_at=now() + LIFETIME,
    )
    session.add(row)
    return token


def look(session: Session, kind: StepKind, browser: str, token: str) -> Step:
    """What the token stands for, without ending it; ``Invalid`` when it is over or was begun elsewhere."""
    row = session.get(SignInStep, _digest(kind, browser, token))
    if row is None or row.expires_at <= now():
        raise _over()
    return Step(row.user_id, row.body)


def end(session: Session, kind: StepKind, browser: str, token: str) -> Step:
    """End it: of two that try at once, one gets it. ``Invalid`` when it is over, ended, or was begun elsewhere."""
    digest = _digest(kind, browser, token)
    burnt = delete(_STEPS).where(_STEPS.c.token_sha256 == digest)
    row = session.execute(burnt.returning(_STEPS.c.user_id, _STEPS.c.body, _STEPS.c.expires_at)).first()
    if row is None or row.expires_at <= now():
        raise _over()
    return Step(row.user_id, row.body)


def _over() -> Invalid:
    return Invalid(say("这一步已经过期，或者不是在这个浏览器里开始的。请重新登录。"))


def _digest(kind: StepKind, browser: str, token: str) -> str:
    return hashlib.sha256(f"{kind}\0{browser}\0{token}".encode()).hexdigest()


def _forget_old(session: Session) -> None:
    """A few at a time, passing by what another process is at."""
    for name, column, kept_for in _FORGOTTEN:
        table = SQLModel.metadata.tables[str(name)]
        (key,) = table.primary_key.columns
        old = select(key).where(table.c[column] < now() - kept_for).limit(50).with_for_update(skip_locked=True)
        if keys := session.scalars(old).all():
            session.execute(delete(table).where(key.in_(keys)))
