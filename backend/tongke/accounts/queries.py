"""Reads about people and schools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, func
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from tongke.accounts.acting import is_present
from tongke.accounts.actor import Actor
from tongke.accounts.models import Region, Role, School, SchoolMembership, User
from tongke.db import today
from tongke.errors import Invalid, NotFound
from tongke.i18n import say


def user_by_email(session: Session, email: str) -> User:
    user = session.exec(select(User).where(User.email == email.strip().lower())).first()
    if user is None:
        raise NotFound
    return user


def shown_person(session: Session, user_id: UUID) -> tuple[str, list[str]]:
    """The name and the schools of today that readers of somebody's lessons see."""
    user = session.get(User, user_id)
    if user is None or user.role == Role.PUPIL:
        raise NotFound
    here = (SchoolMembership.user_id == user_id, is_present(), col(School.closed_at).is_(None))
    schools_ = (
        select(School.name).join(SchoolMembership, col(School.id) == col(SchoolMembership.school_id)).where(*here)
    )
    return user.name, list(session.exec(schools_.order_by(col(SchoolMembership.since).desc(), col(School.id))))


def own(session: Session, actor: Actor) -> User:
    """The row of whoever asks."""
    return session.exec(select(User).where(User.id == actor.user_id)).one()


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


def schools_by_id(session: Session, ids: set[UUID]) -> dict[UUID, School]:
    return {one.id: one for one in session.exec(select(School).where(col(School.id).in_(ids)))} if ids else {}


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
        .where(SchoolMembership.school_id == school_id, is_present())
        .order_by(User.name)
    ).all()


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person with the schools they are at, or will be."""

    user: User
    schools: list[School]


def _coming_or_here() -> ColumnElement[bool]:
    lasts = col(SchoolMembership.until).is_(None) | (col(SchoolMembership.until) >= today())
    return lasts & col(SchoolMembership.ended_at).is_(None)


def _is_at(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    there = exists().where(
        col(SchoolMembership.user_id) == col(User.id), col(School.id) == col(SchoolMembership.school_id)
    )
    return there.where(_coming_or_here(), *where)


def _in_reach(actor: Actor) -> SelectOfScalar[User]:
    """The people an administrator looks after; those erased are nobody's."""
    wanted = select(User).where(col(User.erased_at).is_(None))
    match actor.role:
        case Role.PLATFORM_ADMIN:
            return wanted
        case Role.REGION_ADMIN:
            reach = actor.reach or "-"
            runs_a_part = col(User.role).in_((Role.REGION_ADMIN, Role.REVIEWER)) & col(User.region_code).startswith(
                reach, autoescape=True
            )
            return wanted.where(_is_at(col(School.region_code).startswith(reach, autoescape=True)) | runs_a_part)
        case Role.SCHOOL_ADMIN:
            return wanted.where(_is_at(col(School.id) == actor.school_id))
        case _:
            return wanted.where(false())


def people_in_reach(
    session: Session,
    actor: Actor,
    *,
    text: str = "",
    school: str = "",
    state: str = "",
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[PersonLine], int]:
    """The people an administrator looks after, pupils aside, and how many there are.

    ``school`` is a school's code or a part of its name; ``state`` ``waiting`` (never signed in) or ``suspended``.
    """
    wanted = _in_reach(actor).where(User.role != Role.PUPIL)
    if school:
        named = or_(col(School.code) == school, col(School.name).contains(school, autoescape=True))
        wanted = wanted.where(_is_at(named))
    if text:
        wanted = wanted.where(
            or_(col(User.name).contains(text, autoescape=True), col(User.email).contains(text.lower(), autoescape=True))
        )
    if state == "waiting":
        wanted = wanted.where(col(User.password_hash).is_(None))
    elif state == "suspended":
        wanted = wanted.where(col(User.suspended_at).is_not(None))
    total = session.exec(select(func.count()).select_from(wanted.with_only_columns(col(User.id)).subquery())).one()
    users = session.exec(wanted.order_by(User.name, User.email).limit(limit).offset(offset)).all()
    schools = _schools_of(session, [user.id for user in users])
    return [PersonLine(user, schools.get(user.id, [])) for user in users], total


def _schools_of(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, list[School]]:
    rows = session.execute(
        select(SchoolMembership.user_id, School)
        .join(School, col(School.id) == col(SchoolMembership.school_id))
        .where(col(SchoolMembership.user_id).in_(user_ids), _coming_or_here())
        .order_by(col(SchoolMembership.since).desc(), col(SchoolMembership.id))
    ).all()
    found: dict[UUID, list[School]] = {}
    for user_id, school_ in rows:
        found.setdefault(user_id, []).append(school_)
    return found


def regions(session: Session, parent: str | None) -> Sequence[Region]:
    """The regions directly below ``parent``; provinces for None."""
    below = col(Region.parent_code).is_(None) if parent is None else col(Region.parent_code) == parent
    return session.exec(select(Region).where(below).order_by(Region.code)).all()


def person_in_reach(session: Session, actor: Actor, user_id: UUID) -> User:
    """A person the administrator looks after; ``NotFound`` for anybody else."""
    found = session.exec(_in_reach(actor).where(User.id == user_id)).first()
    if found is None:
        raise NotFound
    return found


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


def county_names(session: Session) -> dict[str, str]:
    """The full name of every city and county by its code: three thousand, in one query."""
    wanted = select(Region.code, Region.name).where(func.length(Region.code).in_((4, 6)))
    names = {code: name for code, name in session.exec(wanted)}  # noqa: C416 - rows are not pairs to mypy
    return {code: names.get(code[:4], "") + name if len(code) > 4 else name for code, name in names.items()}  # noqa: PLR2004


def has_people(session: Session) -> bool:
    return session.exec(select(User.id).limit(1)).first() is not None
