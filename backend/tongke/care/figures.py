"""What an operator watches, as numbers: for the administrators' first page and for Prometheus."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from tongke.accounts.actor import OPERATOR
from tongke.audit.models import AuditEvent
from tongke.jobs.models import Job, JobState
from tongke.review.queries import waiting_within
from tongke.search.models import ReindexRequest

BACKUP_MADE = "backup.make"
"""The audit event of a backup."""
RECENT = timedelta(days=7)
"""Work that failed longer ago has been seen, or nobody missed it."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Ages are None where there is nothing to be old."""

    jobs: dict[str, int]
    failed_lately: int
    oldest_due_job_at: datetime | None
    reindex_requests: int
    revisions_waiting: int
    waiting_since: datetime | None
    last_backup_at: datetime | None


def figures(session: Session, moment: datetime) -> Figures:
    """Everything counted at ``moment``; four queries."""
    failed = func.sum(case((col(Job.finished_at) > moment - RECENT, 1), else_=0))
    due = func.min(case((col(Job.not_before) <= moment, col(Job.not_before))))
    counted = session.execute(select(col(Job.state), func.count(), failed, due).group_by(col(Job.state))).all()
    jobs = {state: count for state, count, _failed, _due in counted}
    waiting, since = waiting_within(session, OPERATOR)
    requests = session.execute(select(func.count()).select_from(ReindexRequest)).scalar_one()
    made = select(func.max(col(AuditEvent.at))).where(col(AuditEvent.action) == BACKUP_MADE)
    return Figures(
        jobs=jobs,
        failed_lately=next((int(n or 0) for state, _count, n, _due in counted if state == JobState.FAILED), 0),
        oldest_due_job_at=next((at for state, _count, _failed, at in counted if state == JobState.QUEUED), None),
        reindex_requests=requests,
        revisions_waiting=waiting,
        waiting_since=since,
        last_backup_at=session.execute(made).scalar_one(),
    )
