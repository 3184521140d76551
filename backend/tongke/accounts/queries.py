"""Reads about people and schools."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, func
from sqlmodel import Session, col, or_, select

from tongke.accounts.actor import Actor
from tongke.accounts.models import Region, Role, School, SchoolMembership, User
from tongke.errors import NotFound


def user_by_email(session: Session, email: str) -> User:
    user = session.exec(select(User).where(User.email == email.strip().lower())).first()
    if user is None:
        raise NotFound
    return user


def school_by_code(session: Session, code: str) -> School:
    school = session.exec(select(School).where(School.code == code)).first()
    if school is None:
        raise NotFound
    return school


def school(session: Session, school_id: UUID) -> School:
    found = session.get(School, school_id)
    if found is None:
        raise NotFound
    return found


def schools(
    session: Session, *, text: str = "", region: str = "", limit: int = 100, offset: int = 0
) -> tuple[Sequence[School], int]:
    """Schools by name, those of a region only if asked; and how many there are in all."""
    wanted = select(School).where(col(School.region_code).startswith(region, autoescape=True))
    if text:
        wanted = wanted.where(or_(col(School.name).contains(text, autoescape=True), col(School.code) == text))
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    return session.exec(wanted.order_by(School.name, School.code).limit(limit).offset(offset)).all(), total


def school_people(session: Session, school_id: UUID) -> Sequence[User]:
    """The people at a school now, by name."""
    return session.exec(
        select(User)
        .join(SchoolMembership, col(SchoolMembership.user_id) == col(User.id))
        .where(SchoolMembership.school_id == school_id, col(SchoolMembership.until).is_(None))
        .order_by(User.name)
    ).all()


def people_in_reach(
    session: Session, actor: Actor, *, text: str = "", limit: int = 50, offset: int = 0
) -> tuple[Sequence[Row[tuple[User, School | None]]], int]:
    """The people an administrator looks after with their present school, and how many there are."""
    wanted = (
        select(User, School)
        .join(
            SchoolMembership,
            (col(SchoolMembership.user_id) == col(User.id)) & col(SchoolMembership.until).is_(None),
            isouter=True,
        )
        .join(School, col(School.id) == col(SchoolMembership.school_id), isouter=True)
    )
    if actor.is_a(Role.SCHOOL_ADMIN):
        wanted = wanted.where(School.id == actor.school_id)
    elif actor.is_a(Role.REGION_ADMIN):
        wanted = wanted.where(col(School.region_code).startswith(actor.reach or "-", autoescape=True))
    elif not actor.is_a(Role.PLATFORM_ADMIN):
        return [], 0
    if text:
        wanted = wanted.where(
            or_(col(User.name).contains(text, autoescape=True), col(User.email).contains(text.lower(), autoescape=True))
        )
    total = session.exec(select(func.count()).select_from(wanted.with_only_columns(col(User.id)).subquery())).one()
    rows = session.execute(wanted.order_by(User.name, User.email).limit(limit).offset(offset)).all()
    return rows, total


def regions(session: Session, parent: str | None) -> Sequence[Region]:
    """The regions directly below ``parent``; provinces for None."""
    below = col(Region.parent_code).is_(None) if parent is None else col(Region.parent_code) == parent
    return session.exec(select(Region).where(below).order_by(Region.code)).all()


def has_people(session: Session) -> bool:
    return session.exec(select(User.id).limit(1)).first() is not None
