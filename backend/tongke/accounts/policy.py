"""Who may do what with people and schools: pure functions of an actor."""

from __future__ import annotations

from tongke.accounts.actor import ADMINS, RANK, Actor
from tongke.accounts.models import Role, School

ADMIN_SCOPE = "admin"
_OF_A_SCHOOL = frozenset({Role.TEACHER, Role.PUPIL})
"""What a school admin may make of people: a reviewer's rank reaches beyond the school."""


def may_administer_schools(actor: Actor, region_code: str | None) -> bool:
    return (
        actor.is_a(Role.REGION_ADMIN, Role.PLATFORM_ADMIN) and actor.covers(region_code) and actor.may_use(ADMIN_SCOPE)
    )


def may_administer_school(actor: Actor, school: School) -> bool:
    own = actor.role is Role.SCHOOL_ADMIN and actor.school_id == school.id and actor.may_use(ADMIN_SCOPE)
    return own or may_administer_schools(actor, school.region_code)


def roles_to_grant(actor: Actor) -> list[Role]:
    return [role for role in Role if may_grant(actor, role)]


def may_grant(actor: Actor, role: Role) -> bool:
    """Nobody gives a rank at or above their own, except the platform's administrators."""
    if not actor.may_use(ADMIN_SCOPE):
        return False
    match actor.role:
        case Role.PLATFORM_ADMIN:
            return True
        case Role.REGION_ADMIN:
            return RANK.index(role) < RANK.index(Role.REGION_ADMIN)
        case Role.SCHOOL_ADMIN:
            return role in _OF_A_SCHOOL
        case _:
            return False


def may_grant_there(actor: Actor, role: Role, *, region_code: str | None, school: School | None) -> bool:
    """Whether the actor may give ``role`` for a school or a region; a wider place than one's own is nobody's to give.

    A regional admin also appoints those of the regions strictly within theirs.
    """
    if actor.role is Role.PLATFORM_ADMIN:
        return may_grant(actor, role)
    if role is Role.REGION_ADMIN and actor.role is Role.REGION_ADMIN:
        return actor.may_use(ADMIN_SCOPE) and is_strictly_within(actor, region_code)
    if not may_grant(actor, role):
        return False
    if school is not None and not may_administer_school(actor, school):
        return False
    if region_code is not None and not actor.covers(region_code):
        return False
    return school is not None or region_code is not None


def is_strictly_within(actor: Actor, region_code: str | None) -> bool:
    return actor.reach is not None and region_code not in (None, actor.reach) and actor.covers(region_code)


def may_look_after(actor: Actor, highest: Role, region_code: str | None = None) -> bool:
    """Whether the actor may suspend, move or reset somebody of rank ``highest``; reach is the query's to see to."""
    if highest is Role.REGION_ADMIN and actor.role is Role.REGION_ADMIN:
        return actor.may_use(ADMIN_SCOPE) and is_strictly_within(actor, region_code)
    return may_grant(actor, highest)


def may_see_people(actor: Actor) -> bool:
    return actor.role in ADMINS and actor.may_use(ADMIN_SCOPE)
