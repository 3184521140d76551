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


_Latest = aliased(Revision)
_POINTER = col(LearningResource.published_revision_id)
_STATE: ColumnElement[str] = case(
    (col(LearningResource.standing) != Standing.ACTIVE, col(LearningResource.standing)),
    (_POINTER.is_not(None), "published"),
    else_=col(_Latest.state),
)
"""``queries.state_of`` as a column."""
_PENDING_STATE: ColumnElement[str] = case((_POINTER.is_not(None) & (col(_Latest.id) != _POINTER), col(_Latest.state)))
"""The state of a revision newer than the published one."""
_OWN_COLUMNS: tuple[Any, ...] = (
    _Latest.title,
    _Latest.type,
    _Latest.subject,
    _Latest.grade,
    _Latest.visibility,
    _Latest.saved_at,
    LearningResource.short_code,
    col(LearningResource.standing_reason).label("reason"),
    LearningResource.published_at,
    LearningResource.rating_sum,
    LearningResource.rating_count,
    LearningResource.use_count,
)


def own(
    session: Session, actor: Actor, *, state: str | None = None, page: int = 1, page_size: int = 20
) -> tuple[list[OwnRow], int]:
    """The actor's resources, last saved first, and how many there are; ``state`` also matches a pending revision."""
    wanted = _own(actor, *_OWN_COLUMNS)
    if state:
        wanted = wanted.where(or_(state == _STATE, state == _PENDING_STATE))
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    rows = session.execute(
        wanted.order_by(col(_Latest.saved_at).desc(), col(LearningResource.id))
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return [OwnRow(**row) for row in rows.mappings()], total


def own_counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many of the actor's resources are in each state; one with a pending revision counts in both."""
    wanted = _own(actor).subquery()
    grouped = select(wanted.c.state, wanted.c.pending_state, func.count()).group_by(
        wanted.c.state, wanted.c.pending_state
    )
    counts: dict[str, int] = {}
    for state, pending, count in session.execute(grouped):
        for name in (state, pending):
            if name:
                counts[name] = counts.get(name, 0) + count
    return counts


def _own(actor: Actor, *columns: Any) -> Any:
    """The actor's resources, each with its newest revision."""
    numbers = (
        select(Revision.resource_id, func.max(Revision.number).label("number"))
        .join(LearningResource, col(LearningResource.id) == col(Revision.resource_id))
        .where(LearningResource.owner_id == actor.user_id)
        .group_by(col(Revision.resource_id))
        .subquery()
    )
    return (
        select_columns(col(LearningResource.id), _STATE.label("state"), _PENDING_STATE.label("pending_state"), *columns)
        .join(numbers, numbers.c.resource_id == col(LearningResource.id))
        .join(_Latest, (col(_Latest.resource_id) == numbers.c.resource_id) & (_Latest.number == numbers.c.number))
        .where(col(LearningResource.owner_id) == actor.user_id, col(LearningResource.standing) != Standing.DELETED)
    )


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


def of_person(
    session: Session, actor: Actor, owner_id: UUID, *, page: int = 1, page_size: int = 20
) -> tuple[list[Card], int]:
    """What somebody published, as far as the actor may read it, the newest first; and how many there are."""
    wanted = _cards(actor).where(LearningResource.owner_id == owner_id)
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    newest = wanted.order_by(col(LearningResource.published_at).desc(), col(LearningResource.id))
    rows = session.execute(newest.limit(page_size).offset((page - 1) * page_size))
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
