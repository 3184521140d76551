"""What can happen to people and schools."""

from __future__ import annotations

import re
from uuid import UUID

from sqlmodel import Session, col, delete, select

from tongke.accounts import passwords, policy, ranks
from tongke.accounts.actor import Actor
from tongke.accounts.models import (
    ApiToken,
    Locality,
    Region,
    Role,
    School,
    SchoolKind,
    SchoolMembership,
    SignInSession,
    User,
)
from tongke.audit.service import record
from tongke.db import now, today
from tongke.errors import Conflict, Invalid, NotFound, require
from tongke.i18n import Text, say

_SIGN_IN_NAME = re.compile(r"[^\s@]{1,64}(@[^\s@]{1,190})?")


def clean_sign_in_name(email: str) -> str:
    """Lower case, no blanks; raises ``Invalid`` for what cannot be a sign-in name."""
    cleaned = email.strip().lower()
    if not _SIGN_IN_NAME.fullmatch(cleaned):
        message = say("请填写邮箱，或学校发放的登录名。")
        raise Invalid(message, fields={"email": message})
    return cleaned


def create_user(
    session: Session,
    *,
    email: str,
    name: str,
    password: str | None,
    role: Role,
    school: School | None = None,
    region_code: str | None = None,
) -> User:
    """Create a person, at ``school`` from today if given; raises ``Conflict`` when the sign-in name is taken."""
    email = clean_sign_in_name(email)
    if not name.strip():
        raise Invalid(say("请填写姓名。"), fields={"name": say("请填写姓名。")})
    if session.exec(select(User.id).where(User.email == email)).first():
        raise Conflict(say("登录名 {email} 已经有人使用。", email=email))
    if role is Role.SCHOOL_ADMIN and school is None:
        raise Invalid(say("学校管理员需要指定学校。"), fields={"school": say("请选择学校。")})
    if role is Role.REGION_ADMIN and not region_code:
        region_code = school.region_code[:6] if school else None
        if region_code is None:
            raise Invalid(say("区域管理员需要指定地区。"), fields={"region": say("请选择地区。")})
    user = User(
        email=email,
        name=name.strip(),
        role=role,
        region_code=region_code,
        rank_school_id=school.id if school and role in (Role.SCHOOL_ADMIN, Role.REVIEWER) else None,
        password_hash=passwords.hash_password(password) if password is not None else None,
    )
    session.add(user)
    if school:
        session.flush()  # the membership refers to the person
        session.add(SchoolMembership(user_id=user.id, school_id=school.id, since=today()))
    return user


def invite(session: Session, actor: Actor, *, email: str, name: str, role: Role, school: School | None) -> User:
    """Create a person on behalf of an administrator, without a password: a one-time code lets them choose one."""
    require(policy.may_grant(actor, role), say("您不能授予这个角色。"))
    if school is not None:
        require(policy.may_administer_school(actor, school), say("这所学校不归您管理。"))
    else:
        require(actor.role is Role.PLATFORM_ADMIN, say("请选择学校。"))
    if role is Role.PUPIL:
        raise Invalid(say("学生账号属于班级，请在班级里管理。"))
    user = create_user(session, email=email, name=name, password=None, role=role, school=school)
    record(session, actor, "person.invite", "person", user.id, role=role, school=school.code if school else "")
    return user


def set_password(session: Session, user: User, password: str) -> None:
    """Replace the password and end every sign-in of the person."""
    user.password_hash = passwords.hash_password(password)
    session.add(user)
    end_all_sessions(session, user.id)


def change_password(session: Session, actor: Actor, *, present: str, new: str, again: str) -> User:
    """Change one's own password, typed twice; raises ``Invalid`` when one of the three is wrong. Ends every sign-in."""
    if new != again:
        message = say("两次输入的新密码不一样。")
        raise Invalid(message, fields={"again": message})
    user = session.get(User, actor.user_id)
    if user is None or not passwords.is_right(present, user.password_hash):
        message = say("现在的密码不对。")
        raise Invalid(message, fields={"present": message})
    set_password(session, user, new)
    return user


def suspend(session: Session, actor: Actor, user: User, *, reason: str = "") -> None:
    """Stop the person at once: no sign-in and no token of theirs works from the next request on."""
    require(actor.user_id != user.id, say("您不能停用自己的账号。"))
    ranks.require_below(session, actor, user, say("您不能停用这个账号。"))
    if user.role == Role.PLATFORM_ADMIN:
        ranks.require_another_admin(session, user)
    user.suspended_at, user.suspended_for = now(), reason.strip()[:200]
    session.add(user)
    end_all_sessions(session, user.id)
    record(session, actor, "person.suspend", "person", user.id, reason=user.suspended_for)


def reinstate(session: Session, actor: Actor, user: User) -> None:
    """Let a suspended person in again; they sign in anew, their tokens work as before."""
    ranks.require_below(session, actor, user, say("您不能恢复这个账号。"))
    if user.erased_at is not None:
        raise Conflict(say("这个账号已经删除，不能恢复。"))
    user.suspended_at, user.suspended_for = None, ""
    session.add(user)
    record(session, actor, "person.reinstate", "person", user.id)


def sign_out_everywhere(session: Session, actor: Actor, user: User) -> None:
    """End every sign-in of somebody else, as their administrator may."""
    ranks.require_below(session, actor, user, say("您不能退出这个人的登录。"))
    end_all_sessions(session, user.id)
    record(session, actor, "person.sign_out", "person", user.id)


def end_all_sessions(session: Session, user_id: UUID) -> None:
    session.exec(delete(SignInSession).where(col(SignInSession.user_id) == user_id))


def create_school(
    session: Session,
    *,
    code: str,
    name: str,
    kind: SchoolKind,
    locality: Locality,
    region_code: str,
    bandwidth_kbps: int | None = None,
) -> School:
    """Create a school; raises ``Invalid`` for an unknown region and ``Conflict`` for a code in use."""
    if session.get(Region, region_code) is None:
        raise Invalid(say("没有代码为 {code} 的地区。", code=region_code), fields={"region": say("请选择地区。")})
    if not code.strip() or not name.strip():
        wrong: dict[str, Text] = {"name": say("请填写学校名称和代码。")}
        raise Invalid(say("请填写学校名称和代码。"), fields=wrong)
    if session.exec(select(School.id).where(School.code == code)).first():
        raise Conflict(say("学校代码 {code} 已经使用。", code=code))
    school = School(
        code=code.strip(),
        name=name.strip(),
        kind=kind,
        locality=locality,
        region_code=region_code,
        bandwidth_kbps=bandwidth_kbps,
    )
    session.add(school)
    return school


def create_token(session: Session, user: User, scopes: list[str] | None = None) -> str:
    """Make a bearer token and return it; only its digest is kept."""
    token = passwords.new_token()
    session.add(ApiToken(token_sha256=passwords.digest(token), user_id=user.id, scopes=scopes or []))
    return token


def prefer(session: Session, actor: Actor, *, locale: str | None = None, low_data: bool | None = None) -> None:
    """Remember what the person chose for language and data use."""
    user = session.get(User, actor.user_id)
    if user is None:
        raise NotFound
    user.locale = locale if locale is not None else user.locale
    user.low_data = low_data if low_data is not None else user.low_data
    session.add(user)
