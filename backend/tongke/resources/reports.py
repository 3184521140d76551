"""Reports of problems with resources: for whoever may close them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, or_

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role, User
from tongke.errors import NotFound
from tongke.resources.models import LearningResource, ProblemReport, Revision, Standing


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report with the resource it is about; ``outcome`` is what came of it."""

    id: UUID
    resource_id: UUID
    title: str
    kind: str
    words: str
    created_at: datetime
    reporter_name: str | None
    closed_at: datetime | None
    outcome: str


def reports(
    session: Session,
    actor: Actor,
    *,
    closed: bool = False,
    resource_id: UUID | None = None,
    page: int = 1,
    page_size: int = 20,
) -> tuple[list[ReportRow], int]:
    """The reports the actor may close (or that are closed), oldest open ones first; two queries."""
    wanted = _within_reach(actor).where(_closed(is_closed=closed))
    if resource_id:
        wanted = wanted.where(col(ProblemReport.resource_id) == resource_id)
    total = session.execute(select_columns(func.count()).select_from(wanted.subquery())).scalar_one()
    order = col(ProblemReport.closed_at).desc() if closed else col(ProblemReport.created_at)
    rows = session.execute(
        wanted.order_by(order, col(ProblemReport.id)).limit(page_size).offset((page - 1) * page_size)
    )
    return [ReportRow(**row) for row in rows.mappings()], total


def open_reports(session: Session, actor: Actor) -> int:
    """How many reports wait for the actor."""
    wanted = _within_reach(actor).where(_closed(is_closed=False))
    return int(session.execute(select_columns(func.count()).select_from(wanted.subquery())).scalar_one())


def report(session: Session, actor: Actor, report_id: UUID) -> ProblemReport:
    """One report the actor may close; raises ``NotFound`` for any other."""
    if session.execute(_within_reach(actor).where(col(ProblemReport.id) == report_id)).first() is None:
        raise NotFound
    found = session.get(ProblemReport, report_id)
    assert found
    return found


def _closed(*, is_closed: bool) -> ColumnElement[bool]:
    return col(ProblemReport.closed_at).is_not(None) if is_closed else col(ProblemReport.closed_at).is_(None)


def _within_reach(actor: Actor) -> Any:
    """``policy.may_read_problem_reports`` as a condition; only what was published can be reported."""
    may: list[ColumnElement[bool]] = [col(LearningResource.owner_id) == actor.user_id]
    if actor.is_a(Role.SCHOOL_ADMIN) and actor.school_id is not None:
        may.append(col(LearningResource.school_id) == actor.school_id)
    if actor.is_a(Role.REGION_ADMIN, Role.PLATFORM_ADMIN) and actor.reach is not None:
        may.append(col(Revision.region_code).startswith(actor.reach, autoescape=True))
    return (
        select_columns(
            col(ProblemReport.id),
            col(ProblemReport.resource_id),
            col(Revision.title),
            col(ProblemReport.kind),
            col(ProblemReport.words),
            col(ProblemReport.created_at),
            col(User.name).label("reporter_name"),
            col(ProblemReport.closed_at),
            col(ProblemReport.outcome),
        )
        .join(LearningResource, col(LearningResource.id) == col(ProblemReport.resource_id))
        .join(Revision, col(Revision.id) == col(LearningResource.published_revision_id))
        .join(User, col(User.id) == col(ProblemReport.reporter_id), isouter=True)
        .where(col(LearningResource.standing) != Standing.DELETED, or_(*may))
    )
