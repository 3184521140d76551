"""Looks at the work behind the pages: jobs that failed, jobs that wait, a worker that answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Engine, delete, func
from sqlmodel import col, select

from tongke.config import Settings
from tongke.db import now, reading, transaction
from tongke.i18n import say
from tongke.jobs.models import Job, JobState
from tongke.jobs.service import database_time, enqueue
from tongke.jobs.worker import Handler, Running
from tongke.main.doctor.finding import Finding, broken, good, worry

PING = "doctor.ping"
"""A job that does nothing: a worker that ends it is alive."""

_RECENT = timedelta(days=7)
_TOO_LONG = timedelta(minutes=2)
_PATIENCE_S = 8.0


def _pong(_running: Running) -> None:
    """The answer is the end of the job."""


def answer_ping() -> dict[str, Handler]:
    """What a worker needs to answer the doctor."""
    return {PING: Handler(_pong, quick=True)}


def check_jobs(_settings: Settings, engine: Engine) -> Iterator[Finding]:
    """Jobs that gave up in the last week; the person who needs them sees the reason and a retry button."""
    with reading(engine) as session:
        failed = select(Job.kind, func.count()).where(
            Job.state == JobState.FAILED, col(Job.finished_at) > now() - _RECENT
        )
        counts = session.exec(failed.group_by(Job.kind).order_by(Job.kind)).all()
    if counts:
        kinds = ", ".join(f"{kind} × {count}" for kind, count in counts)
        yield worry("jobs", say("最近一周有任务没有完成：{kinds}。上传者的页面上可以看到原因并重试。", kinds=kinds))
    else:
        yield good("jobs", say("最近一周没有失败的后台任务。"))


def check_worker(settings: Settings, engine: Engine) -> Iterator[Finding]:
    """The embedded worker comes on demand, so only neglected jobs tell; a worker of its own is asked to answer."""
    if settings.is_embedded:
        yield from _look_for_neglected(engine)
    elif _answers(engine):
        yield good("worker", say("后台工作进程有应答。"))
    else:
        yield broken("worker", say("后台工作进程没有应答。请确认 tongke worker 正在运行。"))


def _look_for_neglected(engine: Engine) -> Iterator[Finding]:
    with reading(engine) as session:
        moment = database_time(session)
        due = (Job.state == JobState.QUEUED, col(Job.not_before) < moment - _TOO_LONG)
        waiting = session.exec(select(func.count()).select_from(Job).where(*due)).one()
        held = (Job.state == JobState.RUNNING, col(Job.lease_until) > moment)
        running = session.exec(select(func.count()).select_from(Job).where(*held)).one()
    if waiting and not running:
        yield worry("worker", say("有 {n} 个后台任务在等待，却没有进程在做。请启动服务：tongke serve。", n=waiting))
    else:
        yield good("worker", say("没有被遗忘的后台任务（正在做 {n} 个）。", n=running))


def _answers(engine: Engine) -> bool:
    with transaction(engine) as session:
        job_id = enqueue(session, PING, {}, dedupe_key=PING, priority=0)
    deadline = time.monotonic() + _PATIENCE_S
    while not (done := _is_done(engine, job_id)) and time.monotonic() < deadline:
        time.sleep(0.2)
    with transaction(engine) as session:
        session.execute(delete(Job).where(col(Job.kind) == PING, col(Job.state) != JobState.RUNNING))
    return done


def _is_done(engine: Engine, job_id: UUID) -> bool:
    with reading(engine) as session:
        job = session.get(Job, job_id)
        return job is None or job.state == JobState.DONE  # gone: another doctor saw it done and tidied up
