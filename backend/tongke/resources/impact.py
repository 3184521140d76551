"""Who took up what one shared: counts by school and by month, never a person's name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from tongke.accounts.acting import is_present
from tongke.accounts.actor import Actor
from tongke.accounts.models import School, SchoolMembership
from tongke.db import CHINA
from tongke.resources.models import Favourite, LearningResource, Rating

MONTHS, SCHOOLS = 12, 50


@dataclass(frozen=True, slots=True)
class Impact:
    """What became of somebody's published lessons."""

    lessons: int
    uses: int
    adaptations: int
    schools: list[tuple[str, int]]
    months: list[tuple[str, int]]


def impact_of(session: Session, actor: Actor) -> Impact:
    """The actor's own: uses in all, and how many people of which school kept, rated or adapted something."""
    mine = (LearningResource.owner_id == actor.user_id, col(LearningResource.published_revision_id).is_not(None))
    counted = select(func.count(), func.coalesce(func.sum(LearningResource.use_count), 0))
    lessons, uses = session.exec(counted.select_from(LearningResource).where(*mine)).one()
    people: dict[str, set[UUID]] = defaultdict(set)
    months: Counter[str] = Counter()
    seen: set[tuple[UUID, UUID, datetime]] = set()
    adaptations = 0
    for kind, user_id, resource_id, at, school in _takers(session, mine):
        if school:
            people[school].add(user_id)
        if (user_id, resource_id, at) in seen:
            continue  # somebody at two schools stands in two rows
        seen.add((user_id, resource_id, at))
        months[f"{at.astimezone(CHINA):%Y-%m}"] += 1
        adaptations += kind == "adapted"
    by_school = sorted(((name, len(who)) for name, who in people.items()), key=lambda one: (-one[1], one[0]))
    return Impact(lessons, uses, adaptations, by_school[:SCHOOLS], sorted(months.items())[-MONTHS:])


def _takers(session: Session, mine: tuple[Any, ...]) -> Iterator[tuple[str, UUID, UUID, datetime, str | None]]:
    """(how, who, what, when, their school's name) for everybody but the owner; nobody twice for one school."""
    derived = LearningResource.__table__.alias("derived")  # type: ignore[attr-defined]
    ways = (
        ("kept", Favourite.user_id, Favourite.created_at, Favourite, col(Favourite.resource_id)),
        ("rated", Rating.user_id, Rating.created_at, Rating, col(Rating.resource_id)),
        ("adapted", derived.c.owner_id, derived.c.created_at, derived, derived.c.is_based_on_id),
    )
    for how, user_id, at, table, of in ways:
        person: Any = user_id
        wanted = (
            select(person, LearningResource.id, at, School.name)
            .select_from(table)
            .join(LearningResource, col(LearningResource.id) == of)
            .join(SchoolMembership, (col(SchoolMembership.user_id) == person) & is_present(), isouter=True)
            .join(School, col(School.id) == col(SchoolMembership.school_id), isouter=True)
            .where(*mine, person != LearningResource.owner_id)
        )
        for row in session.execute(wanted):
            yield how, row[0], row[1], row[2], row[3]
