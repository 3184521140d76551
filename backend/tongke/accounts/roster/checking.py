"""What importing a roster would do, line by line: nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select

from tongke.accounts import policy
from tongke.accounts.actor import RANK, Actor
from tongke.accounts.models import Role, RoleGrant, School, SchoolMembership, User
from tongke.accounts.roster.reading import Line
from tongke.accounts.service import clean_sign_in_name
from tongke.db import today
from tongke.errors import Invalid
from tongke.i18n import Text, say

_T = TypeVar("_T")
CHUNK = 800
"""Names asked for at once: SQLite takes a thousand values in one statement."""


def batched(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """Parts of ``size``, the last one shorter."""
    for begin in range(0, len(values), size):
        yield values[begin : begin + size]


class Outcome(StrEnum):
    NEW = "new"
    UNCHANGED = "unchanged"
    JOIN = "join"
    MOVE = "move"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Step:
    """What one line leads to."""

    line: Line
    outcome: Outcome
    reason: Text | None = None
    school: School | None = None
    user_id: UUID | None = None


@dataclass(slots=True)
class Plan:
    """What the whole file leads to."""

    steps: list[Step] = field(default_factory=list)

    def those(self, outcome: Outcome) -> list[Step]:
        return [step for step in self.steps if step.outcome is outcome]

    @property
    def refused(self) -> list[Step]:
        return self.those(Outcome.REFUSED)


@dataclass(frozen=True, slots=True)
class Wish:
    """Where people without a school of their own in the file belong, and whether moves are meant."""

    school: School | None = None
    region_code: str = ""
    accepts_moves: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """A person who is here already."""

    user_id: UUID
    name: str
    highest: Role
    is_suspended: bool
    schools: dict[UUID, School]


def check(
    session: Session,
    actor: Actor,
    lines: Sequence[Line],
    wish: Wish,
    *,
    watch: Callable[[int], None] = lambda _done: None,
) -> Plan:
    """Look at every line; ``watch`` is told how many were."""
    schools = _schools(session, {line.school for line in lines if line.school})
    seen: dict[str, int] = {}
    plan = Plan()
    for chunk in batched(lines, CHUNK):
        known = _known(session, [line.sign_in_name for line in chunk])
        plan.steps += [_step(actor, line, wish, schools, known, seen) for line in chunk]
        watch(len(plan.steps))
    return plan


def _step(
    actor: Actor,
    line: Line,
    wish: Wish,
    schools: dict[str, School],
    known: dict[str, _Known],
    seen: dict[str, int],
) -> Step:
    school = schools.get(line.school) if line.school else wish.school
    wrong = line.wrong or _wrong_name(line) or _wrong_place(actor, line, wish, school)
    first = seen.setdefault(line.sign_in_name, line.number)
    if wrong is None and first != line.number:
        wrong = say("登录名与第 {n} 行重复。", n=first)
    if wrong is not None or school is None:
        return Step(line, Outcome.REFUSED, wrong)
    person = known.get(line.sign_in_name)
    if person is None:
        return Step(line, Outcome.NEW, school=school)
    return _step_of_known(actor, line, wish, school, person)


def _wrong_name(line: Line) -> Text | None:
    try:
        clean_sign_in_name(line.sign_in_name)
    except Invalid as error:
        return error.message
    return None


def _wrong_place(actor: Actor, line: Line, wish: Wish, school: School | None) -> Text | None:
    if school is None:
        return say("没有代码为 {code} 的学校。", code=line.school[:40]) if line.school else say("没有写学校代码。")
    return next(_wrongs_of_place(actor, line, wish, school), None)


def _wrongs_of_place(actor: Actor, line: Line, wish: Wish, school: School) -> Iterator[Text]:
    if school.closed_at is not None:
        yield say("{school} 已经关闭。", school=school.name)
    if not policy.may_administer_school(actor, school):
        yield say("{school} 不归您管理。", school=school.name)
    if (wish.school and school.id != wish.school.id) or not school.region_code.startswith(wish.region_code):
        yield say("{school} 不在这次导入的范围里。", school=school.name)
    if not policy.may_grant_there(actor, line.role, region_code=None, school=school):
        yield say("您不能授予这个角色。")


def _step_of_known(actor: Actor, line: Line, wish: Wish, school: School, person: _Known) -> Step:
    """Somebody who is here: at this school already, at another, or of none."""
    if wrong := next(_wrongs_of_known(actor, line, wish, school, person), None):
        return Step(line, Outcome.REFUSED, wrong)
    outcome = Outcome.UNCHANGED if school.id in person.schools else Outcome.MOVE if person.schools else Outcome.JOIN
    return Step(line, outcome, school=school, user_id=person.user_id)


def _wrongs_of_known(actor: Actor, line: Line, wish: Wish, school: School, person: _Known) -> Iterator[Text]:
    if person.name != line.name:
        yield say("登录名 {name} 已经有人使用，姓名不一样。", name=line.sign_in_name)
    if person.is_suspended:
        yield say("账号已停用。请先恢复。")
    if school.id in person.schools:
        return
    may = policy.may_grant(actor, person.highest)
    if not may or not all(policy.may_administer_school(actor, one) for one in person.schools.values()):
        yield say("这个人在别的学校。调动请找管理两所学校的区域管理员。")
    if not person.schools and actor.role is Role.SCHOOL_ADMIN:
        yield say("这个人离开过别的学校。请区域管理员加入。")
    if person.schools and not wish.accepts_moves:
        here = ", ".join(one.name for one in person.schools.values())
        yield say("现在在 {school}。如果是调动，请勾选“调动”再导入。", school=here)


def _schools(session: Session, codes: set[str]) -> dict[str, School]:
    found: dict[str, School] = {}
    for chunk in batched(sorted(codes), CHUNK):
        found |= {one.code: one for one in session.exec(select(School).where(col(School.code).in_(chunk)))}
    return found


def _known(session: Session, names: Iterable[str]) -> dict[str, _Known]:
    columns = (User.email, User.id, User.name, User.role, User.suspended_at)
    rows = session.execute(select_columns(*columns).where(col(User.email).in_(list(names)))).all()  # type: ignore[call-overload]
    if not rows:
        return {}
    ids = [row[1] for row in rows]
    places = _places(session, ids)
    lent = _lent(session, ids)
    return {
        email: _Known(
            user_id,
            name,
            max([Role(role), *lent.get(user_id, [])], key=RANK.index),
            suspended_at is not None,
            places.get(user_id, {}),
        )
        for email, user_id, name, role, suspended_at in rows
    }


def lasting(model: Any) -> Iterator[Any]:
    """Conditions: not ended, and its last day not over."""
    yield col(model.ended_at).is_(None)
    yield or_(col(model.until).is_(None), col(model.until) >= today())


def _places(session: Session, ids: list[UUID]) -> dict[UUID, dict[UUID, School]]:
    rows = session.exec(
        select(SchoolMembership.user_id, School)
        .join(School, col(School.id) == col(SchoolMembership.school_id))
        .where(col(SchoolMembership.user_id).in_(ids), *lasting(SchoolMembership))
    )
    found: dict[UUID, dict[UUID, School]] = {}
    for user_id, school in rows:
        found.setdefault(user_id, {})[school.id] = school
    return found


def _lent(session: Session, ids: list[UUID]) -> dict[UUID, list[Role]]:
    rows = session.exec(
        select(RoleGrant.user_id, RoleGrant.role).where(col(RoleGrant.user_id).in_(ids), *lasting(RoleGrant))
    )
    found: dict[UUID, list[Role]] = {}
    for user_id, role in rows:
        found.setdefault(user_id, []).append(Role(role))
    return found
