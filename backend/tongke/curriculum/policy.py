"""Who may keep which framework: pure functions of an actor."""

from __future__ import annotations

from uuid import UUID

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.curriculum.models import CFDocument, FrameworkOrigin


def may_import(actor: Actor) -> bool:
    """Files bring whole frameworks for everybody, so that is for the platform's administrators."""
    return actor.is_a(Role.PLATFORM_ADMIN)


def may_create(actor: Actor, *, region_code: str | None, school_id: UUID | None) -> bool:
    """A school's administrator for that school, a region's within reach, the platform's anywhere."""
    if actor.is_a(Role.SCHOOL_ADMIN):
        return school_id is not None and school_id == actor.school_id
    return actor.is_a(Role.REGION_ADMIN, Role.PLATFORM_ADMIN) and actor.covers(region_code)


def may_edit(actor: Actor, document: CFDocument) -> bool:
    """Local frameworks change by hand; shipped and imported ones only with their file."""
    if document.origin != FrameworkOrigin.LOCAL:
        return False
    return may_create(actor, region_code=document.region_code, school_id=document.school_id)


def may_create_any(actor: Actor) -> bool:
    """Whether to offer a person the page for local curricula at all."""
    return actor.is_a(Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN)
