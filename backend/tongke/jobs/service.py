"""The job table: put work in, take it under a lease, end it. Times are the database's, never a worker's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Engine, and_, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from tongke.db import new_id, reading, transaction
from tongke.jobs.models import Job, JobState

DEFAULT_PRIORITY = 5
LEASE_S = 30.0
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)
_BACK_OFF_S = (5, 30, 120, 600)


class LeaseLost(Exception):
    """Another worker holds the job now: whatever this one made must not be kept."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in one worker's hands until its lease runs out; ``token`` proves it."""

    job_id: UUID
    kind: str
    payload: dict[str, Any]
    attempt: int
    max_attempts: int
    token: str

    @property
    def is_exhausted(self) -> bool:
        """Whether every allowed attempt ended without a word (its worker was killed): give up, do not run again."""
        return self.attempt > self.max_attempts


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, Any],
    *,
    dedupe_key: str | None = None,
    priority: int = DEFAULT_PRIORITY,
    max_attempts: int = 3,
    delay_s: float = 0,
) -> UUID:
    """Add a job, or return the unfinished one that holds ``dedupe_key``; part of the caller's transaction."""
    job_id = new_id()
    key = dedupe_key or f"{kind}:{job_id}"
    moment = database_time(session)
    values = {
        "id": job_id,
        "kind": kind,
        "payload": payload,
        "dedupe_key": key,
        "priority": priority,
        "state": JobState.QUEUED.value,
        "attempts": 0,
        "max_attempts": max_attempts,
        "not_before": moment + timedelta(seconds=delay_s),
        "created_at": moment,
    }
    insert = (postgresql if session.get_bind().dialect.name == "postgresql" else sqlite).insert
    unfinished = text("state IN ('queued', 'running')")
    statement = (
        insert(Job)
        .values(**values)
        .on_conflict_do_nothing(index_elements=[col(Job.dedupe_key)], index_where=unfinished)
        .returning(col(Job.id))
    )
    while True:
        added: UUID | None = session.execute(statement).scalar_one_or_none()
        if added is not None:
            return added
        held = select(col(Job.id)).where(col(Job.dedupe_key) == key, col(Job.state).in_(UNFINISHED))
        existing: UUID | None = session.execute(held).scalar_one_or_none()
        if existing is not None:
            return existing  # otherwise it ended between the two statements (PostgreSQL): add ours after all


def claim(engine: Engine, worker: str, kinds: list[str], *, lease_s: float = LEASE_S) -> Claim | None:
    """Lease the first due job of ``kinds``: a queued one, or one whose worker let its lease run out."""
    with reading(engine) as session:  # a look first: an idle worker must not queue up with the writers
        if session.execute(_claimable(kinds, database_time(session))).first() is None:
            return None
    with transaction(engine) as session:
        moment = database_time(session)
        job = session.execute(_claimable(kinds, moment).with_for_update(skip_locked=True)).scalars().first()
        if job is None:
            return None
        job.state, job.attempts = JobState.RUNNING, job.attempts + 1
        job.lease_token, job.lease_until = f"{worker}/{uuid4()}", moment + timedelta(seconds=lease_s)
        return Claim(job.id, job.kind, dict(job.payload), job.attempts, job.max_attempts, job.lease_token)


def renew(engine: Engine, held: Claim, *, lease_s: float = LEASE_S) -> None:
    """Prolong the lease; raises ``LeaseLost`` when it is no longer ours."""
    with transaction(engine) as session:
        moment = database_time(session)
        _change(session, held, lease_until=moment + timedelta(seconds=lease_s))


def hold(session: Session, held: Claim) -> None:
    """Make sure, inside the caller's transaction, that the job is still ours; raises ``LeaseLost``."""
    _change(session, held, lease_token=held.token)


def finish(session: Session, held: Claim) -> None:
    """The work is done; called in the transaction that keeps its effect, so both happen once or not at all."""
    _change(session, held, **_ended(JobState.DONE, database_time(session)), failure=None)


def fail(session: Session, held: Claim, reason: str, *, retry: bool) -> bool:
    """Put the job back with a growing pause while attempts remain; otherwise failed for good (the answer is True)."""
    moment = database_time(session)
    if retry and held.attempt < held.max_attempts:
        pause = _BACK_OFF_S[min(held.attempt, len(_BACK_OFF_S)) - 1]
        later = moment + timedelta(seconds=pause)
        _change(session, held, **_waiting(later), failure=reason)
        return False
    _change(session, held, **_ended(JobState.FAILED, moment), failure=reason)
    return True


def release(session: Session, held: Claim) -> None:
    """Give the job back untouched (the worker is shutting down): the attempt does not count."""
    _change(session, held, **_waiting(database_time(session)), attempts=held.attempt - 1)


def unfinished(engine: Engine, kinds: list[str]) -> int:
    """How many jobs of ``kinds`` are still queued or running."""
    with reading(engine) as session:
        waiting = select(func.count()).where(col(Job.kind).in_(kinds), col(Job.state).in_(UNFINISHED))
        count: int = session.execute(waiting).scalar_one()
        return count


def database_time(session: Session) -> datetime:
    """Now, by the database: the one clock that all workers share."""
    if session.get_bind().dialect.name == "postgresql":
        moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)
    stamp: str = session.execute(select(func.strftime("%Y-%m-%d %H:%M:%f", "now"))).scalar_one()
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC)


def _claimable(kinds: list[str], moment: datetime) -> Any:
    due: ColumnElement[bool] = and_(col(Job.state) == JobState.QUEUED, col(Job.not_before) <= moment)
    abandoned = and_(col(Job.state) == JobState.RUNNING, col(Job.lease_until) < moment)
    first = (col(Job.priority), col(Job.not_before), col(Job.created_at))
    return select(Job).where(col(Job.kind).in_(kinds), or_(due, abandoned)).order_by(*first).limit(1)


def _change(session: Session, held: Claim, **values: Any) -> None:
    ours = (col(Job.id) == held.job_id, col(Job.lease_token) == held.token, col(Job.state) == JobState.RUNNING)
    changed = session.execute(update(Job).where(*ours).values(**values).returning(col(Job.id)))
    if changed.scalar_one_or_none() is None:
        raise LeaseLost(str(held.job_id))


def _waiting(moment: datetime) -> dict[str, Any]:
    return {"state": JobState.QUEUED.value, "not_before": moment, "lease_token": None, "lease_until": None}


def _ended(state: JobState, moment: datetime) -> dict[str, Any]:
    return {"state": state.value, "finished_at": moment, "lease_token": None, "lease_until": None}
