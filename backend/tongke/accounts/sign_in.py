"""Signing in and out with server-side sessions; who stands behind a cookie or a token."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, update
from sqlmodel import Session, col, delete, select

from tongke.accounts import passwords
from tongke.accounts.acting import assemble, at_present, is_lent_out, lent_ranks, newest_first, open_school
from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.accounts.models import ApiToken, School, SchoolMembership, SignInSession, User
from tongke.accounts.sign_in_models import FailedSignIn, ProviderSession
from tongke.db import now, reading, transaction
from tongke.errors import SignInRequired
from tongke.i18n import say

_SEEN_EVERY = timedelta(minutes=5)


def open_session(session: Session, user: User, *, days: int, user_agent: str = "", is_shared: bool = False) -> str:
    """Open a session and return the cookie's token; one on a shared computer ends when nobody uses it."""
    token = passwords.new_token()
    session.add(
        SignInSession(
            token_sha256=passwords.digest(token),
            user_id=user.id,
            expires_at=now() + timedelta(days=days),
            user_agent=user_agent[:200],
            is_shared=is_shared,
        )
    )
    return token


def sign_out(session: Session, token: str) -> None:
    session.exec(delete(SignInSession).where(col(SignInSession.token_sha256) == passwords.digest(token)))


def opened_at(session: Session, token: str) -> datetime | None:
    """When this browser signed in."""
    opened = session.get(SignInSession, passwords.digest(token))
    return opened.created_at if opened else None


def sessions_of(session: Session, user_id: UUID) -> list[SignInSession]:
    """The browsers somebody is signed in with, the latest first."""
    own = (SignInSession.user_id == user_id, col(SignInSession.expires_at) > now())
    return list(session.exec(select(SignInSession).where(*own).order_by(col(SignInSession.last_seen_at).desc())))


def end_sessions(session: Session, user_id: UUID, *, only: str = "", but: str = "") -> None:
    """End somebody's session by the digest of its token, or all ``but`` one."""
    wanted = delete(SignInSession).where(col(SignInSession.user_id) == user_id)
    chosen = col(SignInSession.token_sha256) == only if only else col(SignInSession.token_sha256) != but
    session.exec(wanted.where(chosen))


def failed_tries(session: Session, user_id: UUID, *, limit: int = 20) -> list[FailedSignIn]:
    """The latest wrong passwords and codes somebody gave in this person's name."""
    own = select(FailedSignIn).where(FailedSignIn.user_id == user_id)
    return list(session.exec(own.order_by(col(FailedSignIn.at).desc()).limit(limit)))


def provider_session(session: Session, token: str) -> ProviderSession | None:
    """What a signed-in browser's session is at its identity provider, when it came by one."""
    return session.get(ProviderSession, passwords.digest(token))


def actor_of_cookie(
    session: Session, token: str, *, idle_minutes: int = 0, shared_idle_minutes: int = 0
) -> tuple[Actor, bool]:
    """Who is signed in with this cookie, and whether ``touch`` is due; ``ANONYMOUS`` when the session is over."""
    rows = session.exec(
        select(SignInSession, User, School, is_lent_out())
        .join(User, col(User.id) == col(SignInSession.user_id))
        .join(SchoolMembership, at_present(), isouter=True)
        .join(School, open_school(), isouter=True)
        .where(SignInSession.token_sha256 == passwords.digest(token))
        .order_by(*newest_first())
    ).all()
    if not rows:
        return ANONYMOUS, False
    opened, user, _, has_grants = rows[0]
    idle = now() - opened.last_seen_at
    idle_minutes = shared_idle_minutes if opened.is_shared else idle_minutes
    over = opened.expires_at <= now() or (idle_minutes and idle > timedelta(minutes=idle_minutes))
    if over or user.suspended_at:
        return ANONYMOUS, False
    actor = assemble(user, [row[2] for row in rows], lent_ranks(session, user) if has_grants else ())
    actor = replace(actor, idle_minutes=idle_minutes)
    return actor, idle > (_SEEN_EVERY if not idle_minutes else timedelta(seconds=30))


def touch(engine: Engine, token: str) -> None:
    """Note that the session was used just now."""
    with transaction(engine) as session:
        opened = session.get(SignInSession, passwords.digest(token))
        if opened:
            opened.last_seen_at = now()
            session.add(opened)


def actor_of_token(session: Session, token: str) -> Actor:
    """Who acts with this bearer token; raises ``SignInRequired`` when it is unknown or revoked."""
    rows = session.exec(
        select(ApiToken, User, School, is_lent_out())
        .join(User, col(User.id) == col(ApiToken.user_id))
        .join(SchoolMembership, at_present(), isouter=True)
        .join(School, open_school(), isouter=True)
        .where(ApiToken.token_sha256 == passwords.digest(token), col(ApiToken.revoked_at).is_(None))
        .order_by(*newest_first())
    ).all()
    if not rows or rows[0][1].suspended_at:
        raise SignInRequired(say("这个访问令牌无效或已撤销。"))
    held, user, _, has_grants = rows[0]
    if held.expires_at is not None and held.expires_at <= now():
        raise SignInRequired(say("这个访问令牌已于 {day} 过期。", day=held.expires_at.date().isoformat()))
    grants = lent_ranks(session, user) if has_grants else ()
    return assemble(user, [row[2] for row in rows], grants, frozenset(held.scopes))


def touch_token(engine: Engine, token: str) -> None:
    """Note that a token was used, at most every five minutes."""
    with reading(engine) as session:
        used = session.exec(select(ApiToken.last_used_at).where(_is_token(token))).first()
    if used is not None and now() - used < _SEEN_EVERY:
        return
    with transaction(engine) as session:
        session.execute(update(ApiToken).where(_is_token(token)).values(last_used_at=now()))


def _is_token(token: str) -> ColumnElement[bool]:
    return col(ApiToken.token_sha256) == passwords.digest(token)


def actor_of_user(session: Session, user_id: UUID) -> Actor:
    """Return the actor of a person, as the command line and jobs act."""
    rows = session.exec(
        select(User, School)
        .join(SchoolMembership, at_present(), isouter=True)
        .join(School, open_school(), isouter=True)
        .where(User.id == user_id)
        .order_by(*newest_first())
    ).all()
    if not rows or rows[0][0].suspended_at:
        return ANONYMOUS
    user = rows[0][0]
    return assemble(user, [row[1] for row in rows], lent_ranks(session, user))
