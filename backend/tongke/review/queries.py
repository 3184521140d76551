"""Reads for the review desk and for authors who wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role, User
from tongke.audit.models import AuditEvent
from tongke.resources import policy as resources_policy
from tongke.resources.models import LearningResource, Revision, RevisionFile, RevisionState, Standing
from tongke.resources.queries import Seen
from tongke.review import policy
from tongke.review.models import Decision, Review


class Pile(StrEnum):
    """The piles on a review desk."""

    WAITING = "waiting"
    MINE = "mine"
    OTHERS = "others"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A revision that waits for a decision."""

    resource_id: UUID
    number: int
    title: str
    type: str
    subject: str
    grade: int | None
    state: str
    author_name: str
    school_name: str
    region_code: str
    is_update: bool
    file_count: int
    submitted_at: datetime
    claimed_at: datetime | None
    reviewer_id: UUID | None
    reviewer_name: str | None


def queue(
    session: Session, actor: Actor, *, pile: Pile = Pile.ALL, subject: str = "", page: int = 1, page_size: int = 20
) -> tuple[list[QueueRow], int]:
    """What this reviewer may decide, longest waiting first, and how much it is; two queries."""
    wanted = _on_the_desk(actor, pile)
    if subject:
        wanted = wanted.where(col(Revision.subject) == subject)
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    rows = session.execute(
        wanted.order_by(col(Revision.submitted_at), col(Revision.id)).limit(page_size).offset((page - 1) * page_size)
    )
    return [QueueRow(**row) for row in rows.mappings()], total


def queue_counts(session: Session, actor: Actor) -> dict[Pile, int]:
    """How much lies on each pile of this reviewer; one query."""
    rows = session.execute(_on_the_desk(actor, Pile.ALL).with_only_columns(col(Review.reviewer_id)))
    counts = dict.fromkeys(Pile, 0)
    for (reviewer_id,) in rows:
        pile = Pile.WAITING if reviewer_id is None else Pile.MINE if reviewer_id == actor.user_id else Pile.OTHERS
        counts[pile] += 1
        counts[Pile.ALL] += 1
    return counts


def waiting_within(session: Session, actor: Actor) -> tuple[int, datetime | None]:
    """How many revisions wait for a decision where this administrator looks after things, and since when."""
    waits = (
        select_columns(func.count(), func.min(col(Revision.submitted_at)))
        .join(LearningResource, col(LearningResource.id) == col(Revision.resource_id))
        .where(*_waits_for_a_decision())
    )
    if actor.is_a(Role.REGION_ADMIN, Role.PLATFORM_ADMIN) and actor.reach is not None:
        waits = waits.where(col(Revision.region_code).startswith(actor.reach, autoescape=True))
    else:
        waits = waits.where(col(LearningResource.school_id) == actor.school_id)
    count, since = session.execute(waits).one()
    return count, since


def _on_the_desk(actor: Actor, pile: Pile) -> Any:
    files = (
        select(func.count()).where(col(RevisionFile.revision_id) == col(Revision.id)).correlate(Revision)
    ).scalar_subquery()
    reviewer = select(User.name).where(col(User.id) == col(Review.reviewer_id)).scalar_subquery()
    wanted = (
        select_columns(
            col(Revision.resource_id),
            col(Revision.number),
            col(Revision.title),
            col(Revision.type),
            col(Revision.subject),
            col(Revision.grade),
            col(Revision.state),
            col(Revision.author_name),
            col(Revision.school_name),
            col(Revision.region_code),
            col(LearningResource.published_revision_id).is_not(None).label("is_update"),
            files.label("file_count"),
            col(Revision.submitted_at),
            col(Review.claimed_at),
            col(Review.reviewer_id),
            reviewer.label("reviewer_name"),
        )
        .join(LearningResource, col(LearningResource.id) == col(Revision.resource_id))
        .join(Review, col(Review.revision_id) == col(Revision.id))
        .where(*_reviewable_by(actor))
    )
    match pile:
        case Pile.WAITING:
            return wanted.where(col(Review.reviewer_id).is_(None))
        case Pile.MINE:
            return wanted.where(col(Review.reviewer_id) == actor.user_id)
        case Pile.OTHERS:
            return wanted.where(col(Review.reviewer_id) != actor.user_id)
        case Pile.ALL:
            return wanted


def _waits_for_a_decision() -> list[ColumnElement[bool]]:
    return [
        col(Revision.state).in_((RevisionState.SUBMITTED.value, RevisionState.IN_REVIEW.value)),
        col(LearningResource.standing) == Standing.ACTIVE,
    ]


def _reviewable_by(actor: Actor) -> list[ColumnElement[bool]]:
    """``policy.may_review`` as conditions on what waits for a decision."""
    conditions = [
        *_waits_for_a_decision(),
        col(LearningResource.owner_id) != actor.user_id,
        col(Revision.author_id) != actor.user_id,
    ]
    if not policy.has_a_desk(actor):
        return [*conditions, col(Revision.id).is_(None)]
    reach: list[ColumnElement[bool]] = []
    if actor.review_reach is not None:
        reach.append(col(Revision.region_code).startswith(actor.review_reach, autoescape=True))
    if actor.school_ids:
        reach.append(col(LearningResource.school_id).in_(actor.school_ids))
    return [*conditions, or_(*reach)] if reach else [*conditions, col(Revision.id).is_(None)]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision on a revision, as its author reads it."""

    number: int
    decision: str
    comment: str
    checklist: dict[str, Any]
    decided_at: datetime
    reviewer_name: str


def verdicts(session: Session, actor: Actor, of: Seen) -> list[Verdict]:
    """The decisions on the resource's revisions, newest first; nothing for those who may not read its history."""
    latest = of.pending or of.shown
    if not resources_policy.may_see_history(actor, of.resource, latest):
        return []
    rows = session.execute(
        select_columns(
            col(Revision.number),
            col(Review.decision),
            col(Review.comment),
            col(Review.checklist),
            col(Review.decided_at),
            col(User.name).label("reviewer_name"),
        )
        .join(Review, col(Review.revision_id) == col(Revision.id))
        .join(User, col(User.id) == col(Review.reviewer_id))
        .where(col(Revision.resource_id) == of.resource.id, col(Review.decision).is_not(None))
        .order_by(col(Revision.number).desc())
    )
    return [Verdict(**row) for row in rows.mappings()]


def last_words(session: Session, actor: Actor, resource_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What the reviewer wrote about the newest revision of the actor's own resources, where it was not published."""
    newer = aliased(Revision)
    is_newest = ~(
        select_columns(col(newer.id))
        .where(col(newer.resource_id) == col(Revision.resource_id), col(newer.number) > col(Revision.number))
        .exists()
    )
    rows = session.execute(
        select_columns(col(Revision.resource_id), col(Review.comment))
        .join(Review, col(Review.revision_id) == col(Revision.id))
        .join(LearningResource, col(LearningResource.id) == col(Revision.resource_id))
        .where(
            col(Revision.resource_id).in_(resource_ids),
            col(LearningResource.owner_id) == actor.user_id,
            col(Review.decision).in_((Decision.REQUEST_CHANGES.value, Decision.DECLINE.value)),
            is_newest,
        )
    )
    return {row.resource_id: row.comment for row in rows}


def current(session: Session, of: Seen) -> Review | None:
    """The review of the newest revision the actor sees, claimed or not; None while it is a draft."""
    latest = of.pending or of.shown
    return session.exec(select(Review).where(Review.revision_id == latest.id)).first()


def history(session: Session, actor: Actor, of: Seen) -> Sequence[Row[tuple[AuditEvent, str | None]]]:
    """The audit trail of a resource with names, oldest first; for administrators whose rank covers it."""
    if not resources_policy.oversees(actor, of.resource, of.shown):
        return []
    return session.execute(
        select(AuditEvent, User.name)
        .join(User, col(User.id) == col(AuditEvent.actor_id), isouter=True)
        .where(AuditEvent.subject_id == str(of.resource.id))
        .order_by(col(AuditEvent.at), col(AuditEvent.id))
    ).all()
