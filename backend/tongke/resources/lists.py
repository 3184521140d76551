"""Lists of resources: one's own, one's favourites, related ones. Each costs a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from tongke.accounts.actor import Actor
from tongke.accounts.models import User
from tongke.resources import queries
from tongke.resources.models import (
    Alignment,
    Favourite,
    LearningResource,
    ProblemReport,
    Revision,
    Standing,
)


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One of the actor's resources; ``pending_state`` is the state of a revision newer than the published one."""

    id: UUID
    short_code: str
    title: str
    type: str
    subject: str
    grade: int | None
    visibility: str
    state: str
    pending_state: str | None
    reason: str
    saved_at: datetime
    published_at: datetime | None
    rating_sum: int
    rating_count: int
    use_count: int


@dataclass(frozen=True, slots=True)
class Card:
    """A published resource as a list shows it."""

    id: UUID
    title: str
    type: str
    subject: str
    grade: int | None
    author_name: str
    school_name: str
    rating_sum: int
    rating_count: int
    published_at: datetime | None


def own(
    session: Session, actor: Actor, *, state: str | None = None, page: int = 1, page_size: int = 20
) -> tuple[list[OwnRow], int]:
    """The actor's resources, last saved first, and how many there are; ``state`` also matches a pending revision."""
    latest, numbers = aliased(Revision), _latest_numbers(actor)
    resource_state, pending_state = _states(latest)
    wanted = (
        select(LearningResource.id, resource_state.label("state"), pending_state.label("pending_state"))
        .join(numbers, numbers.c.resource_id == col(LearningResource.id))
        .join(latest, (col(latest.resource_id) == numbers.c.resource_id) & (col(latest.number) == numbers.c.number))
        .where(LearningResource.owner_id == actor.user_id, LearningResource.standing != Standing.DELETED)
    )
    if state:
        wanted = wanted.where(or_(resource_state == state, pending_state == state))
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    rows = session.execute(
        wanted.add_columns(*_own_columns(latest))
        .order_by(col(latest.saved_at).desc(), col(LearningResource.id))
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return [OwnRow(**row) for row in rows.mappings()], total


def own_counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many of the actor's resources are in each state; one with a pending revision counts in both."""
    latest, numbers = aliased(Revision), _latest_numbers(actor)
    resource_state, pending_state = _states(latest)
    wanted = (
        select(resource_state.label("state"), pending_state.label("pending_state"), func.count())
        .select_from(LearningResource)
        .join(numbers, numbers.c.resource_id == col(LearningResource.id))
        .join(latest, (col(latest.resource_id) == numbers.c.resource_id) & (col(latest.number) == numbers.c.number))
        .where(LearningResource.owner_id == actor.user_id, LearningResource.standing != Standing.DELETED)
        .group_by("state", "pending_state")
    )
    counts: dict[str, int] = {}
    for state, pending, count in session.execute(wanted):
        for name in (state, pending):
            if name:
                counts[name] = counts.get(name, 0) + count
    return counts


def _latest_numbers(actor: Actor) -> Any:
    return (
        select(Revision.resource_id, func.max(Revision.number).label("number"))
        .join(LearningResource, col(LearningResource.id) == col(Revision.resource_id))
        .where(LearningResource.owner_id == actor.user_id)
        .group_by(col(Revision.resource_id))
        .subquery()
    )


def _states(latest: type[Revision]) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """``queries.state_of`` as columns: the resource's state, and that of a newer revision beside a published one."""
    standing, pointer = col(LearningResource.standing), col(LearningResource.published_revision_id)
    state: ColumnElement[str] = case(
        (standing != Standing.ACTIVE, standing), (pointer.is_not(None), "published"), else_=col(latest.state)
    )
    pending: ColumnElement[str] = case((pointer.is_not(None) & (pointer != col(latest.id)), col(latest.state)))
    return state, pending


def _own_columns(latest: type[Revision]) -> list[Any]:
    resource = LearningResource
    of_latest: list[Any] = [latest.title, latest.type, latest.subject, latest.grade, latest.visibility, latest.saved_at]
    of_resource: list[Any] = [
        resource.short_code,
        col(resource.standing_reason).label("reason"),
        resource.published_at,
        resource.rating_sum,
        resource.rating_count,
        resource.use_count,
    ]
    return [*of_latest, *of_resource]


def cards(session: Session, actor: Actor, ids: Sequence[UUID]) -> list[Card]:
    """The named resources the actor may read, in the order named."""
    rows = session.execute(_cards(actor).where(col(LearningResource.id).in_(ids)))
    found = {row["id"]: Card(**row) for row in rows.mappings()}
    return [found[i] for i in ids if i in found]


def favourites(session: Session, actor: Actor, *, page: int = 1, page_size: int = 20) -> tuple[list[Card], int]:
    """The actor's favourites that can still be read, last kept first, and how many there are."""
    wanted = _cards(actor).join(
        Favourite, (col(Favourite.resource_id) == col(LearningResource.id)) & (col(Favourite.user_id) == actor.user_id)
    )
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    rows = session.execute(
        wanted.order_by(col(Favourite.created_at).desc(), col(LearningResource.id))
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return [Card(**row) for row in rows.mappings()], total


def related(session: Session, actor: Actor, of: queries.Seen, *, limit: int = 6) -> list[Card]:
    """Other resources aligned to the same framework items, those with most items in common first."""
    items = select(Alignment.framework_item_id).where(Alignment.revision_id == of.shown.id)
    wanted = (
        _cards(actor)
        .join(Alignment, col(Alignment.revision_id) == col(Revision.id))
        .where(col(Alignment.framework_item_id).in_(items), LearningResource.id != of.resource.id)
        .group_by(col(LearningResource.id), col(Revision.id))
        .order_by(func.count().desc(), col(LearningResource.published_at).desc(), col(LearningResource.id))
        .limit(limit)
    )
    return [Card(**row) for row in session.execute(wanted).mappings()]


def derived(session: Session, actor: Actor, of: queries.Seen, *, limit: int = 6) -> list[Card]:
    """Published adaptations of the resource, newest first."""
    wanted = (
        _cards(actor)
        .where(LearningResource.is_based_on_id == of.resource.id)
        .order_by(col(LearningResource.published_at).desc(), col(LearningResource.id))
        .limit(limit)
    )
    return [Card(**row) for row in session.execute(wanted).mappings()]


def _cards(actor: Actor) -> Any:
    return (
        select_columns(
            col(LearningResource.id),
            col(Revision.title),
            col(Revision.type),
            col(Revision.subject),
            col(Revision.grade),
            col(Revision.author_name),
            col(Revision.school_name),
            col(LearningResource.rating_sum),
            col(LearningResource.rating_count),
            col(LearningResource.published_at),
        )
        .join(Revision, queries.published_now())
        .where(queries.in_audience(actor))
    )


def problem_reports(session: Session, of: queries.Seen) -> Sequence[Row[tuple[ProblemReport, str | None]]]:
    """The reports about a resource with who made them, open ones first; ask ``may_read_problem_reports`` before."""
    return session.execute(
        select(ProblemReport, User.name)
        .join(User, col(User.id) == col(ProblemReport.reporter_id), isouter=True)
        .where(ProblemReport.resource_id == of.resource.id)
        .order_by(col(ProblemReport.closed_at).is_not(None), col(ProblemReport.created_at).desc())
    ).all()
