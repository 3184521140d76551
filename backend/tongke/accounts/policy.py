"""Who may do what with people and schools: pure functions of an actor."""

from __future__ import annotations

from tongke.accounts.actor import ADMINS, Actor
from tongke.accounts.models import Role, School

_RANK = (Role.PUPIL, Role.TEACHER, Role.REVIEWER, Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN)


def may_administer_schools(actor: Actor, region_code: str | None) -> bool:
    return actor.is_a(Role.REGION_ADMIN, Role.PLATFORM_ADMIN) and actor.covers(region_code)


def may_administer_school(actor: Actor, school: School) -> bool:
    own = actor.is_a(Role.SCHOOL_ADMIN) and actor.school_id == school.id
    return own or may_administer_schools(actor, school.region_code)


def roles_to_grant(actor: Actor) -> list[Role]:
    return [role for role in Role if may_grant(actor, role)]


def may_grant(actor: Actor, role: Role) -> bool:
    """Nobody gives a rank at or above their own, except the platform's administrators."""
    if actor.is_a(Role.PLATFORM_ADMIN):
        return True
    return actor.role in ADMINS and _RANK.index(role) < _RANK.index(actor.role)


def may_see_people(actor: Actor) -> bool:
    return actor.role in ADMINS
