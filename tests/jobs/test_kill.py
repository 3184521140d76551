"""Two real worker processes, killed in the middle: every job takes effect exactly once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from tongke.db import reading, transaction
from tongke.jobs import service
from tongke.jobs.models import Job, JobState

PROGRAM = Path(__file__).with_name("program.py")
pytestmark = pytest.mark.fault


@pytest.fixture
def start(engine, database_url, tmp_path):
    with transaction(engine) as session:
        session.execute(text("CREATE TABLE effect (n INTEGER)"))
    (tmp_path / "marks").mkdir()
    started = []

    def go(*options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, str(PROGRAM), database_url, str(tmp_path / "marks"), *options])
        started.append(process)
        return process

    yield go
    for process in started:
        process.kill()
        process.wait()


def add(engine, count: int, seconds: float, **more) -> None:
    with transaction(engine) as session:
        for n in range(count):
            service.enqueue(session, "row", {"n": n, "s": seconds}, **more)


def effects(engine) -> list[int]:
    with reading(engine) as session:
        return sorted(session.execute(text("SELECT n FROM effect")).scalars())


def wait_for(what, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def test_killed_worker_loses_nothing_and_doubles_nothing(engine, start, tmp_path):
    add(engine, 8, 0.4, max_attempts=5)
    first, second = start(), start()
    for _ in range(2):
        wait_for(lambda: any((tmp_path / "marks").iterdir()))
        time.sleep(0.6)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        first, second = second, start()

    wait_for(lambda: service.unfinished(engine, ["row"]) == 0)

    assert effects(engine) == list(range(8))


def test_stopped_worker_wakes_up_and_cannot_add_a_second_effect(engine, start, tmp_path):
    add(engine, 1, 1.0)
    sleeper = start()
    wait_for((tmp_path / "marks" / "0-1").exists)
    os.kill(sleeper.pid, signal.SIGSTOP)
    start()
    wait_for(lambda: service.unfinished(engine, ["row"]) == 0)
    os.kill(sleeper.pid, signal.SIGCONT)
    time.sleep(1.5)

    assert effects(engine) == [0]
    assert sleeper.poll() is None


def test_terminated_worker_gives_its_job_back_at_once(engine, start, tmp_path):
    add(engine, 1, 3.0)
    process = start()
    wait_for((tmp_path / "marks" / "0-1").exists)
    process.terminate()

    assert process.wait(10) == 0
    with reading(engine) as session:
        job = session.exec(select(Job)).one()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


def test_job_that_kills_every_worker_ends_as_failed(engine, start, tmp_path):
    add(engine, 1, 60, max_attempts=2)
    for attempt in (1, 2):
        process = start()
        wait_for((tmp_path / "marks" / f"0-{attempt}").exists)
        process.kill()
        process.wait()

    assert start("--until-idle").wait(30) == 0
    with reading(engine) as session:
        job = session.exec(select(Job)).one()
    assert job.state == JobState.FAILED
    assert "中断" in job.failure
