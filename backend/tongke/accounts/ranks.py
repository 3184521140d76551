"""What a person may do: the standing role, and ranks lent from one day to another."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, or_, select

from tongke.accounts import policy
from tongke.accounts.actor import RANK, Actor
from tongke.accounts.models import Role, RoleGrant, School, User
from tongke.audit.service import record
from tongke.db import now, today
from tongke.errors import Conflict, Invalid, NotFound, require
from tongke.i18n import Text, say

_NEEDS_A_PLACE: dict[Role, tuple[str, Text]] = {
    Role.SCHOOL_ADMIN: ("school", say("学校管理员需要指定学校。")),
    Role.REGION_ADMIN: ("region", say("区域管理员需要指定地区。")),
}


def highest_of(session: Session, user: User) -> tuple[Role, str | None]:
    """The highest role the person holds or will hold, and the region of a regional rank."""
    held = [(Role(user.role), user.region_code)]
    held += [(Role(grant.role), grant.region_code) for grant in unended(session, user)]
    widest_first = sorted(held, key=lambda rank: len(rank[1] or ""))
    return max(widest_first, key=lambda rank: RANK.index(rank[0]))


def unended(session: Session, user: User) -> list[RoleGrant]:
    """The lent ranks in effect or to come."""
    lasting = or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) >= today())
    wanted = select(RoleGrant).where(RoleGrant.user_id == user.id, col(RoleGrant.ended_at).is_(None), lasting)
    return list(session.exec(wanted.order_by(col(RoleGrant.since), col(RoleGrant.id))))


def require_below(session: Session, actor: Actor, user: User, message: Text) -> None:
    """Raise ``Forbidden`` unless the actor stands above everything ``user`` is or will be."""
    require(policy.may_look_after(actor, *highest_of(session, user)), message)


def change_role(
    session: Session, actor: Actor, user: User, role: Role, *, school: School | None = None, region_code: str = ""
) -> None:
    """Make the person something else for good; the last platform admin stays one."""
    region = region_code or None
    require(user.id != actor.user_id, say("自己的角色请别的管理员来改。"))
    require_below(session, actor, user, say("您不能更改这个人的角色。"))
    _check_place(actor, role, region, school)
    if user.role == Role.PLATFORM_ADMIN and role is not Role.PLATFORM_ADMIN:
        require_another_admin(session, user)
    before = user.role
    user.role, user.region_code = role, region
    user.rank_school_id = school.id if school and role in (Role.SCHOOL_ADMIN, Role.REVIEWER) else None
    session.add(user)
    record(session, actor, "person.role", "person", user.id, before=before, after=role, **_place(region, school))


def grant(
    session: Session,
    actor: Actor,
    user: User,
    role: Role,
    *,
    since: date,
    until: date | None,
    school: School | None = None,
    region_code: str = "",
) -> RoleGrant:
    """Lend a rank from ``since`` to the end of ``until``; for ever without it."""
    region = region_code or None
    require(user.id != actor.user_id, say("自己的角色请别的管理员来改。"))
    require_below(session, actor, user, say("您不能更改这个人的角色。"))
    _check_place(actor, role, region, school)
    if user.role == Role.PUPIL or role in (Role.PUPIL, Role.TEACHER):
        raise Invalid(say("临时职责只能是审核员或管理员，只给教职工。"))
    if until is not None and until < max(since, today()):
        message = say("结束日期已经过去，或早于开始日期。")
        raise Invalid(message, fields={"until": message})
    given = RoleGrant(
        user_id=user.id,
        role=role,
        school_id=school.id if school else None,
        region_code=region,
        since=since,
        until=until,
        granted_by=actor.user_id,
    )
    session.add(given)
    dates = {"since": since.isoformat(), "until": until.isoformat() if until else ""}
    record(session, actor, "person.grant", "person", user.id, role=role, **dates, **_place(region, school))
    return given


def revoke(session: Session, actor: Actor, user: User, grant_id: UUID) -> None:
    """End a lent rank at this moment."""
    given = session.get(RoleGrant, grant_id)
    if given is None or given.user_id != user.id or given.ended_at is not None:
        raise NotFound
    require_below(session, actor, user, say("您不能更改这个人的角色。"))
    given.ended_at = now()
    session.add(given)
    record(session, actor, "person.revoke", "person", user.id, role=given.role)


def require_another_admin(session: Session, user: User) -> None:
    """Raise ``Conflict`` when nobody else could administer the platform.

    The administrators' rows are locked: two who remove each other at once do so one after the other.
    """
    everybody = select(User).where(User.role == Role.PLATFORM_ADMIN, col(User.suspended_at).is_(None))
    others = [one for one in session.exec(everybody.order_by(col(User.id)).with_for_update()) if one.id != user.id]
    if not others:
        raise Conflict(say("这是最后一位平台管理员。请先任命另一位。"))


def _check_place(actor: Actor, role: Role, region: str | None, school: School | None) -> None:
    field, message = _NEEDS_A_PLACE.get(role, ("", say("请选择学校或地区。")))
    if (field == "school" and school is None) or (field == "region" and region is None):
        raise Invalid(message, fields={field: message})
    allowed = policy.may_grant_there(actor, role, region_code=region, school=school)
    require(allowed, say("您不能授予这个角色，或者这个地方不归您管理。"))


def _place(region: str | None, school: School | None) -> dict[str, str]:
    return {"region": region or "", "school": school.code if school else ""}
