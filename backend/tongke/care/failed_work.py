"""Jobs that were given up, for the platform's administrators."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.errors import require
from tongke.i18n import say
from tongke.jobs.models import Job, JobState


def failed_jobs(session: Session, actor: Actor, *, page: int = 1, page_size: int = 50) -> tuple[Sequence[Job], int]:
    """The jobs that failed for good, newest first, and how many there are; two queries."""
    require(actor.is_a(Role.PLATFORM_ADMIN), say("这个页面只对平台管理员开放。"))
    failed = Job.state == JobState.FAILED
    total = session.exec(select(func.count()).select_from(Job).where(failed)).one()
    newest = select(Job).where(failed).order_by(col(Job.finished_at).desc(), col(Job.id))
    return session.exec(newest.limit(page_size).offset((page - 1) * page_size)).all(), total
