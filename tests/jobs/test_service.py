"""The job table: one unfinished job a key, one holder at a time, nothing lost with its worker."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from tongke.db import reading, transaction
from tongke.jobs import service
from tongke.jobs.models import Job, JobState
from tongke.jobs.service import LeaseLost


def add(engine: Engine, key: str = "a", **more) -> None:
    with transaction(engine) as session:
        service.enqueue(session, "cut", {"key": key}, dedupe_key=key, **more)


def jobs(engine: Engine) -> list[Job]:
    with reading(engine) as session:
        return list(session.exec(select(Job).order_by(Job.created_at)))


def test_same_key_is_queued_once_until_it_is_finished(engine):
    add(engine)
    add(engine)
    assert len(jobs(engine)) == 1

    held = service.claim(engine, "w", ["cut"])
    add(engine)
    assert len(jobs(engine)) == 1

    with transaction(engine) as session:
        service.finish(session, held)
    add(engine)
    assert [job.state for job in jobs(engine)] == [JobState.DONE, JobState.QUEUED]


def test_enqueue_belongs_to_the_callers_transaction(engine):
    with transaction(engine) as session:
        service.enqueue(session, "cut", {})
        session.rollback()

    assert jobs(engine) == []


def test_lower_priority_number_runs_first(engine):
    add(engine, "slow", priority=9)
    add(engine, "fast", priority=1)

    assert service.claim(engine, "w", ["cut"]).payload == {"key": "fast"}


def test_other_kinds_are_left_alone(engine):
    add(engine)

    assert service.claim(engine, "w", ["other"]) is None


def test_a_job_is_claimed_by_one_worker_only(engine):
    for number in range(20):
        add(engine, str(number))
    taken: list[str] = []

    def take() -> None:
        while (held := service.claim(engine, "w", ["cut"])) is not None:
            taken.append(held.payload["key"])

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == sorted(str(number) for number in range(20))


def test_an_expired_lease_is_taken_over_and_the_old_holder_learns_it(engine):
    add(engine)
    first = service.claim(engine, "w1", ["cut"], lease_s=-1)
    second = service.claim(engine, "w2", ["cut"])

    assert second.job_id == first.job_id
    assert second.attempt == 2
    with pytest.raises(LeaseLost):
        service.renew(engine, first)
    with pytest.raises(LeaseLost), transaction(engine) as session:
        service.finish(session, first)
    with transaction(engine) as session:
        service.finish(session, second)


def test_a_failing_job_waits_then_fails_for_good_with_its_reason(engine):
    add(engine, max_attempts=2)
    held = service.claim(engine, "w", ["cut"])
    with transaction(engine) as session:
        assert service.fail(session, held, "坏了", retry=True) is False
    [job] = jobs(engine)
    assert (job.state, job.failure) == (JobState.QUEUED, "坏了")
    assert service.claim(engine, "w", ["cut"]) is None  # it pauses first

    with transaction(engine) as session:
        session.get(Job, job.id).not_before = job.created_at
    held = service.claim(engine, "w", ["cut"])
    with transaction(engine) as session:
        assert service.fail(session, held, "又坏了", retry=True) is True
    [job] = jobs(engine)
    assert (job.state, job.failure) == (JobState.FAILED, "又坏了")


def test_a_job_whose_workers_all_died_is_handed_out_as_exhausted(engine):
    add(engine, max_attempts=2)
    for _ in range(2):
        assert not service.claim(engine, "w", ["cut"], lease_s=-1).is_exhausted

    assert service.claim(engine, "w", ["cut"]).is_exhausted


def test_a_released_job_keeps_its_attempts(engine):
    add(engine)
    held = service.claim(engine, "w", ["cut"])
    with transaction(engine) as session:
        service.release(session, held)

    assert service.claim(engine, "w", ["cut"]).attempt == 1
