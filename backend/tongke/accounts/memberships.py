"""Who is at which school from when to when: joining, leaving, moving."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from tongke.accounts import policy, ranks
from tongke.accounts.actor import Actor
from tongke.accounts.models import Role, School, SchoolMembership, User
from tongke.audit.service import record
from tongke.db import now, today
from tongke.errors import Conflict, Invalid, NotFound, require
from tongke.i18n import say


def memberships_of(session: Session, user: User) -> Sequence[tuple[SchoolMembership, School]]:
    """Every school the person is, was or will be at, the newest first."""
    both = select(SchoolMembership, School).join(School, col(School.id) == col(SchoolMembership.school_id))
    mine = both.where(SchoolMembership.user_id == user.id)
    return session.exec(mine.order_by(col(SchoolMembership.since).desc(), col(SchoolMembership.id))).all()


def join(
    session: Session, actor: Actor, user: User, school: School, *, since: date, until: date | None = None
) -> SchoolMembership:
    """Place a person at a school, beside any other; raises ``Conflict`` when they are there then already."""
    _require_mine(session, actor, user, school)
    if until is not None and until < since:
        message = say("结束日期早于开始日期。")
        raise Invalid(message, fields={"until": message})
    if school.closed_at is not None:
        raise Conflict(say("{school} 已经关闭。", school=school.name))
    if _overlapping(session, user, school, since, until):
        raise Conflict(say("{name} 这段时间已经在 {school}。", name=user.name, school=school.name))
    membership = SchoolMembership(user_id=user.id, school_id=school.id, since=since, until=until)
    session.add(membership)
    dates = {"since": since.isoformat(), "until": until.isoformat() if until else ""}
    record(session, actor, "person.join", "person", user.id, school=school.code, **dates)
    return membership


def leave(session: Session, actor: Actor, user: User, membership_id: UUID, *, last_day: date | None = None) -> None:
    """End a membership: at this moment, or at the end of ``last_day``. What the school gave ends with it."""
    membership = session.get(SchoolMembership, membership_id)
    if membership is None or membership.user_id != user.id or membership.ended_at is not None:
        raise NotFound
    school = session.get(School, membership.school_id)
    assert school is not None
    _require_mine(session, actor, user, school)
    if last_day is None or last_day < today():
        _end(membership)
    elif last_day < membership.since:
        message = say("结束日期早于开始日期。")
        raise Invalid(message, fields={"until": message})
    else:
        membership.until = last_day
    session.add(membership)
    record(
        session, actor, "person.leave", "person", user.id, school=school.code,
        until=last_day.isoformat() if last_day else "",
    )  # fmt: skip


def move(session: Session, actor: Actor, user: User, to: School, *, since: date) -> SchoolMembership:
    """Bring a person to another school, ending where they are now that the actor administers.

    A school admin can only send away or receive; who does both administers both schools.
    """
    for membership, school in memberships_of(session, user):
        if not _lasts(membership) or not policy.may_administer_school(actor, school):
            continue
        if membership.school_id == to.id:
            raise Conflict(say("{name} 这段时间已经在 {school}。", name=user.name, school=to.name))
        _end(membership)
        session.add(membership)
    moved = join(session, actor, user, to, since=since)
    record(session, actor, "person.move", "person", user.id, school=to.code)
    return moved


def _end(membership: SchoolMembership) -> None:
    membership.ended_at = now()
    membership.until = min(membership.until or today(), today())


def _lasts(membership: SchoolMembership) -> bool:
    return membership.ended_at is None and (membership.until is None or membership.until >= today())


def _require_mine(session: Session, actor: Actor, user: User, school: School) -> None:
    require(policy.may_administer_school(actor, school), say("这所学校不归您管理。"))
    ranks.require_below(session, actor, user, say("您不能更改这个人的学校。"))
    if user.role == Role.PUPIL:
        raise Conflict(say("学生账号属于班级，请在班级里管理。"))


def _overlapping(session: Session, user: User, school: School, since: date, until: date | None) -> bool:
    there: list[ColumnElement[bool]] = [
        col(SchoolMembership.user_id) == user.id,
        col(SchoolMembership.school_id) == school.id,
        col(SchoolMembership.ended_at).is_(None),
        or_(col(SchoolMembership.until).is_(None), col(SchoolMembership.until) >= since),
    ]
    if until is not None:
        there.append(col(SchoolMembership.since) <= until)
    return session.exec(select(SchoolMembership.id).where(*there)).first() is not None
