"""Carrying out what was checked: everybody in one transaction, or nobody.

No password is hashed: each new person gets a one-time code, derived from the signing key, and chooses a password at the
first sign-in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import Session, SQLModel, col, select

from tongke.accounts import codes
from tongke.accounts.actor import Actor
from tongke.accounts.models import CodePurpose, OneTimeCode, Role, School, SchoolMembership, User
from tongke.accounts.roster.checking import CHUNK, Outcome, Plan, Step, Wish, batched, check, lasting
from tongke.accounts.roster.reading import Line
from tongke.audit.service import record_all
from tongke.db import new_id, now, rows_of, today
from tongke.errors import Invalid
from tongke.i18n import say

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Imported:
    """How it went: what was done to how many, and who is new."""

    counts: dict[str, int]
    new_ids: list[UUID]


def carry_out(session: Session, actor: Actor, lines: Sequence[Line], wish: Wish, *, key: bytes) -> Imported:
    """Check once more and write everybody, in the caller's transaction; raises ``Invalid`` when any line is refused."""
    plan = check(session, actor, lines, wish)
    if plan.refused:
        raise Invalid(say("有 {n} 行不能导入，所以一行也没有导入。", n=len(plan.refused)))
    new = [(new_id(), step) for step in plan.those(Outcome.NEW)]
    _add_people(session, new)
    moved = plan.those(Outcome.MOVE)
    _end_memberships(session, moved)
    joined = [(step.user_id, step) for step in [*moved, *plan.those(Outcome.JOIN)] if step.user_id]
    _add_memberships(session, [*new, *joined])
    _add_codes(session, actor, [user_id for user_id, _ in new], key)
    record_all(session, actor, "person", _events(new, plan))
    return Imported({outcome.value: len(plan.those(outcome)) for outcome in Outcome}, [user_id for user_id, _ in new])


def _add_people(session: Session, new: Sequence[tuple[UUID, Step]]) -> None:
    _insert(session, User, [_person(user_id, step) for user_id, step in new])


def _person(user_id: UUID, step: Step) -> dict[str, Any]:
    line, has_rank = step.line, step.line.role in (Role.SCHOOL_ADMIN, Role.REVIEWER)
    return {
        "id": user_id,
        "email": line.sign_in_name,
        "name": line.name,
        "role": line.role,
        "rank_school_id": step.school.id if step.school and has_rank else None,
    }


def _add_memberships(session: Session, who: Sequence[tuple[UUID, Step]]) -> None:
    rows = [
        {
            "user_id": user_id,
            "school_id": step.school.id if step.school else None,
            "since": step.line.since or today(),
            "until": step.line.until,
        }
        for user_id, step in who
    ]
    _insert(session, SchoolMembership, rows)


def _end_memberships(session: Session, moved: Sequence[Step]) -> None:
    ended = {"ended_at": now(), "until": today()}
    for chunk in batched([step.user_id for step in moved], CHUNK):
        those = (col(SchoolMembership.user_id).in_(chunk), *lasting(SchoolMembership))
        session.execute(update(SchoolMembership).where(*those).values(**ended))


def _add_codes(session: Session, actor: Actor, user_ids: Sequence[UUID], key: bytes) -> None:
    expires_at = now() + codes.LASTS[CodePurpose.INVITATION]
    rows = [
        {
            "digest": codes.digest_of(codes.derived_code(user_id, key), key),
            "user_id": user_id,
            "purpose": CodePurpose.INVITATION,
            "made_by": actor.user_id,
            "expires_at": expires_at,
        }
        for user_id in user_ids
    ]
    _insert(session, OneTimeCode, rows)


def _insert(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    for chunk in batched(rows_of(model, rows), _BATCH):
        session.execute(insert(model), list(chunk))


def _events(new: Sequence[tuple[UUID, Step]], plan: Plan) -> list[tuple[str, UUID, dict[str, Any]]]:
    def place(step: Step) -> dict[str, Any]:
        return {"school": step.school.code if step.school else "", "role": step.line.role, "line": step.line.number}

    events = [("person.import", user_id, place(step)) for user_id, step in new]
    for outcome, action in ((Outcome.MOVE, "person.move"), (Outcome.JOIN, "person.join")):
        events += [(action, step.user_id, place(step)) for step in plan.those(outcome) if step.user_id]
    return events


@dataclass(frozen=True, slots=True)
class Handout:
    """A new person with the code that still waits to be used."""

    name: str
    sign_in_name: str
    role: Role
    school_code: str
    school_name: str
    code: str


def handouts(session: Session, user_ids: Sequence[UUID], *, key: bytes) -> list[Handout]:
    """The codes of those who have not used theirs, by school and name; made again from the key, since none is kept."""
    found: list[Handout] = []
    for chunk in batched(user_ids, CHUNK):
        rows = session.exec(
            select(User, School, OneTimeCode.digest)
            .join(OneTimeCode, col(OneTimeCode.user_id) == col(User.id))
            .join(SchoolMembership, col(SchoolMembership.user_id) == col(User.id))
            .join(School, col(School.id) == col(SchoolMembership.school_id))
            .where(
                col(User.id).in_(chunk),
                col(User.suspended_at).is_(None),
                col(OneTimeCode.used_at).is_(None),
                OneTimeCode.expires_at > now(),
                *lasting(SchoolMembership),
            )
        )
        for user, school, digest in rows:
            code = codes.derived_code(user.id, key)
            if codes.digest_of(code, key) == digest:
                found.append(Handout(user.name, user.email, Role(user.role), school.code, school.name, code))
    return sorted(found, key=lambda one: (one.school_code, one.name, one.sign_in_name))
