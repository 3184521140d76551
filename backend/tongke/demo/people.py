"""The schools and people of the demo county."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, select

from tongke.accounts import service, sign_in
from tongke.accounts.actor import Actor
from tongke.accounts.models import School, User
from tongke.db import reading, transaction
from tongke.demo.manifest import DemoSchool, Manifest, Person

Cast = dict[str, Actor]
"""The demo's people by their keys, as they act."""


def settle(engine: Engine, manifest: Manifest) -> int:
    """Create the schools and people that are not there yet; gives how many were added."""
    with transaction(engine) as session:
        added = sum(_add_school(session, school) for school in manifest.schools)
    for person in manifest.people:
        with transaction(engine) as session:
            added += _add_person(session, manifest, person)
    return added


def cast(engine: Engine, manifest: Manifest) -> Cast:
    """Everybody of the demo as an actor."""
    with reading(engine) as session:
        ids = {p.key: _person_id(session, manifest.sign_in_name(p.key)) for p in manifest.people}
        return {key: sign_in.actor_of_user(session, user_id) for key, user_id in ids.items() if user_id}


def _add_school(session: Session, school: DemoSchool) -> bool:
    if session.exec(select(School.id).where(School.code == school.code)).first():
        return False
    service.create_school(session, **school.model_dump())
    return True


def _add_person(session: Session, manifest: Manifest, person: Person) -> bool:
    email = manifest.sign_in_name(person.key)
    if _person_id(session, email):
        return False
    school = session.exec(select(School).where(School.code == person.school)).one() if person.school else None
    service.create_user(
        session,
        email=email,
        name=person.name,
        password=manifest.password,
        role=person.role,
        school=school,
        region_code=person.region_code,
    )
    return True


def _person_id(session: Session, email: str) -> UUID | None:
    return session.exec(select(User.id).where(User.email == email)).first()
