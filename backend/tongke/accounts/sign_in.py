"""Signing in and out with server-side sessions; who stands behind a cookie or a token."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, col, delete, select

from tongke.accounts import passwords
from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.accounts.models import ApiToken, Role, School, SchoolMembership, SignInSession, User
from tongke.db import now, transaction
from tongke.errors import SignInRequired
from tongke.i18n import say

_SEEN_EVERY = timedelta(minutes=5)


def open_session(session: Session, user: User, *, days: int, user_agent: str = "") -> str:
    token = passwords.new_token()
    session.add(
        SignInSession(
            token_sha256=passwords.digest(token),
            user_id=user.id,
            expires_at=now() + timedelta(days=days),
            user_agent=user_agent[:200],
        )
    )
    return token


def sign_out(session: Session, token: str) -> None:
    session.exec(delete(SignInSession).where(col(SignInSession.token_sha256) == passwords.digest(token)))


def actor_of_cookie(session: Session, token: str, *, idle_minutes: int = 0) -> tuple[Actor, bool]:
    """Who is signed in with this cookie, and whether ``touch`` is due; ``ANONYMOUS`` when the session is over."""
    row = session.exec(
        select(SignInSession, User, School)
        .join(User, col(User.id) == col(SignInSession.user_id))
        .join(SchoolMembership, _present_membership(), isouter=True)
        .join(School, col(School.id) == col(SchoolMembership.school_id), isouter=True)
        .where(SignInSession.token_sha256 == passwords.digest(token))
        .order_by(col(SchoolMembership.since).desc())
    ).first()
    if row is None:
        return ANONYMOUS, False
    opened, user, school = row
    idle = now() - opened.last_seen_at
    over = opened.expires_at <= now() or (idle_minutes and idle > timedelta(minutes=idle_minutes))
    if over or user.suspended_at:
        return ANONYMOUS, False
    return actor_of(user, school), idle > (_SEEN_EVERY if not idle_minutes else timedelta(seconds=30))


def touch(engine: Engine, token: str) -> None:
    """Note that the session was used just now."""
    with transaction(engine) as session:
        opened = session.get(SignInSession, passwords.digest(token))
        if opened:
            opened.last_seen_at = now()
            session.add(opened)


def actor_of_token(session: Session, token: str) -> Actor:
    """Who acts with this bearer token; raises ``SignInRequired`` when it is unknown or revoked."""
    row = session.exec(
        select(ApiToken, User, School)
        .join(User, col(User.id) == col(ApiToken.user_id))
        .join(SchoolMembership, _present_membership(), isouter=True)
        .join(School, col(School.id) == col(SchoolMembership.school_id), isouter=True)
        .where(ApiToken.token_sha256 == passwords.digest(token), col(ApiToken.revoked_at).is_(None))
        .order_by(col(SchoolMembership.since).desc())
    ).first()
    if row is None or row[1].suspended_at:
        raise SignInRequired(say("这个访问令牌无效或已撤销。"))
    held, user, school = row
    return actor_of(user, school, scopes=frozenset(held.scopes))


def actor_of_user(session: Session, user_id: UUID) -> Actor:
    """Return the actor of a person, as the command line and jobs act."""
    row = session.exec(
        select(User, School)
        .join(SchoolMembership, _present_membership(), isouter=True)
        .join(School, col(School.id) == col(SchoolMembership.school_id), isouter=True)
        .where(User.id == user_id)
        .order_by(col(SchoolMembership.since).desc())
    ).first()
    if row is None or row[0].suspended_at:
        return ANONYMOUS
    return actor_of(*row)


def actor_of(user: User, school: School | None, scopes: frozenset[str] = frozenset()) -> Actor:
    return Actor(
        user_id=user.id,
        name=user.name,
        role=Role(user.role),
        school_id=school.id if school else None,
        school_name=school.name if school else "",
        school_region=school.region_code if school else "",
        reach=_reach(user, school),
        scopes=scopes,
        locale=user.locale,
        low_data=user.low_data,
    )


def _reach(user: User, school: School | None) -> str | None:
    """The region code prefix a person's rank covers: the county of the school, the given region, or everywhere."""
    match Role(user.role):
        case Role.PLATFORM_ADMIN:
            return ""
        case Role.REGION_ADMIN:
            return user.region_code or (school.region_code[:6] if school else None)
        case Role.REVIEWER:
            return user.region_code or (school.region_code[:6] if school else "")
        case Role.SCHOOL_ADMIN | Role.TEACHER | Role.PUPIL:
            return school.region_code if school else None


def _present_membership() -> ColumnElement[bool]:
    today = now().date()
    return (
        (col(SchoolMembership.user_id) == col(User.id))
        & (col(SchoolMembership.since) <= today)
        & (col(SchoolMembership.until).is_(None) | (col(SchoolMembership.until) >= today))
    )
