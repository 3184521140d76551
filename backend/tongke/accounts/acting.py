"""Putting an ``Actor`` together: the person, the schools they are at today, and the ranks in effect today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, select

from tongke.accounts.actor import RANK, Actor
from tongke.accounts.models import Role, RoleGrant, School, SchoolMembership, User
from tongke.db import today

COUNTY = 6
"""Digits of a county's code."""


@dataclass(frozen=True, slots=True)
class Rank:
    """A role with the region code prefix it covers and, for ranks of one school, the school."""

    role: Role
    reach: str | None
    school: School | None = None


def is_present(membership: type[SchoolMembership] = SchoolMembership) -> ColumnElement[bool]:
    """Whether a membership holds today: begun, its last day not over, not ended by hand."""
    return (
        (col(membership.since) <= today())
        & (col(membership.until).is_(None) | (col(membership.until) >= today()))
        & col(membership.ended_at).is_(None)
    )


def at_present() -> ColumnElement[bool]:
    """The condition that joins a person to the memberships that hold today."""
    return (col(SchoolMembership.user_id) == col(User.id)) & is_present()


def open_school() -> ColumnElement[bool]:
    """The condition that joins a membership to its school unless that is closed."""
    return (col(School.id) == col(SchoolMembership.school_id)) & col(School.closed_at).is_(None)


def is_lent_out(user_id: Any = None) -> ColumnElement[bool]:
    """Whether the person holds a lent rank today: asked along, so that nearly nobody costs a second question."""
    return exists().where(col(RoleGrant.user_id) == (col(User.id) if user_id is None else user_id), _in_effect())


def newest_first() -> tuple[Any, ...]:
    return (col(SchoolMembership.since).desc(), col(SchoolMembership.id))


def _in_effect() -> ColumnElement[bool]:
    return (
        (col(RoleGrant.since) <= today())
        & (col(RoleGrant.until).is_(None) | (col(RoleGrant.until) >= today()))
        & col(RoleGrant.ended_at).is_(None)
    )


def lent_ranks(session: Session, user: User) -> Sequence[RoleGrant]:
    """The ranks lent to the person that are in effect today."""
    return session.exec(select(RoleGrant).where(RoleGrant.user_id == user.id, _in_effect())).all()


def assemble(
    user: User,
    places: Iterable[School | None],
    grants: Sequence[RoleGrant] = (),
    scopes: frozenset[str] = frozenset(),
) -> Actor:
    """The actor: in the highest rank in effect, at every school of today, the newest first."""
    here = {school.id: school for school in places if school}
    ranks = [_standing(user, here), *(rank for grant in grants if (rank := _lent(grant, here)))]
    acting = max(ranks, key=lambda rank: RANK.index(rank.role))
    school = acting.school or next(iter(here.values()), None)
    return Actor(
        user_id=user.id,
        name=user.name,
        role=acting.role,
        school_id=school.id if school else None,
        school_name=school.name if school else "",
        school_region=school.region_code if school else "",
        reach=acting.reach,
        reviewing=_widest([rank.reach for rank in ranks if rank.role is Role.REVIEWER]),
        schools=tuple((one.id, one.region_code) for one in here.values()),
        scopes=scopes,
        locale=user.locale,
        low_data=user.low_data,
    )


def _standing(user: User, here: dict[Any, School]) -> Rank:
    """What a person is, as far as it holds today: the rank of a school one has left is gone."""
    role, main = Role(user.role), next(iter(here.values()), None)
    match role:
        case Role.PLATFORM_ADMIN:
            return Rank(role, "")
        case Role.REGION_ADMIN:
            return Rank(role, user.region_code)
        case Role.REVIEWER | Role.SCHOOL_ADMIN:
            rank = _rank_of(role, user.region_code, user.rank_school_id, here)
            return rank or Rank(Role.TEACHER, main.region_code if main else None)
        case Role.TEACHER | Role.PUPIL:
            return Rank(role, main.region_code if main else None)


def _lent(grant: RoleGrant, here: dict[Any, School]) -> Rank | None:
    match Role(grant.role):
        case Role.PLATFORM_ADMIN as role:
            return Rank(role, "")
        case Role.REGION_ADMIN as role:
            return Rank(role, grant.region_code)
        case role:
            return _rank_of(role, grant.region_code, grant.school_id, here)


def _rank_of(role: Role, region: str | None, school_id: Any, here: dict[Any, School]) -> Rank | None:
    """A reviewer covers a region, the county of a school, or everything; a school admin the school."""
    school = here.get(school_id)
    if role is Role.REVIEWER and region:
        return Rank(role, region)
    if school_id is not None and school is None:
        return None
    if role is Role.REVIEWER:
        return Rank(role, school.region_code[:COUNTY] if school else "")
    return Rank(role, school.region_code, school) if school else None


def _widest(reaches: Sequence[str | None]) -> str | None:
    known = [reach for reach in reaches if reach is not None]
    return min(known, key=len) if known else None
