"""Reads about people and schools."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, false, func
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import Select as SelectOf

from tongke.accounts.actor import Actor
from tongke.accounts.models import Region, Role, School, SchoolMembership, User
from tongke.errors import Invalid, NotFound
from tongke.i18n import say


def user_by_email(session: Session, email: str) -> User:
    user = session.exec(select(User).where(User.email == email.strip().lower())).first()
    if user is None:
        raise NotFound
    return user


def email_of(session: Session, actor: Actor) -> str:
    """The sign-in name of the person."""
    return session.exec(select(User.email).where(User.id == actor.user_id)).one()


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


def _in_reach(actor: Actor) -> SelectOf[User, School]:
    wanted = (
        select(User, School)
        .join(
            SchoolMembership,
            (col(SchoolMembership.user_id) == col(User.id)) & col(SchoolMembership.until).is_(None),
            isouter=True,
        )
        .join(School, col(School.id) == col(SchoolMembership.school_id), isouter=True)
    )
    match actor.role:
        case Role.PLATFORM_ADMIN:
            return wanted
        case Role.REGION_ADMIN:
            return wanted.where(col(School.region_code).startswith(actor.reach or "-", autoescape=True))
        case Role.SCHOOL_ADMIN:
            return wanted.where(School.id == actor.school_id)
        case _:
            return wanted.where(false())


def people_in_reach(
    session: Session, actor: Actor, *, text: str = "", school: str = "", limit: int = 50, offset: int = 0
) -> tuple[Sequence[Row[tuple[User, School | None]]], int]:
    """The people an administrator looks after with their present school, and how many there are.

    ``school`` is a school's code or a part of its name.
    """
    wanted = _in_reach(actor)
    if school:
        wanted = wanted.where(or_(col(School.code) == school, col(School.name).contains(school, autoescape=True)))
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


def person_in_reach(session: Session, actor: Actor, user_id: UUID) -> User:
    """A person the administrator looks after; ``NotFound`` for anybody else."""
    rows = session.execute(_in_reach(actor).where(col(User.id) == user_id)).all()
    if not rows:
        raise NotFound
    user: User = rows[0][0]
    return user


def school_for(session: Session, actor: Actor, code: str) -> School | None:
    """The school an administrator names by its code; a school admin's own when none is named."""
    if not code:
        return session.get(School, actor.school_id) if actor.is_a(Role.SCHOOL_ADMIN) else None
    try:
        return school_by_code(session, code)
    except NotFound:
        message = say("没有代码为 {code} 的学校。", code=code)
        raise Invalid(message, fields={"school": message}) from None


def region_names(session: Session, codes: set[str]) -> dict[str, str]:
    """The full name of each region: city, county and town in one line."""
    wanted = {code[:n] for code in codes for n in (4, 6, 9) if len(code) >= n}
    rows = session.exec(select(Region.code, Region.name).where(col(Region.code).in_(wanted))).all()
    names = dict(rows)
    return {c: "".join(names.get(c[:n], "") for n in (4, 6, 9) if len(c) >= n) for c in codes}


def has_people(session: Session) -> bool:
    return session.exec(select(User.id).limit(1)).first() is not None
