"""A worker process for the kill tests: each job writes one row, slowly, in two steps."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from sqlalchemy import text

from tongke.db import open_database
from tongke.jobs.worker import Handler, Running, Worker


def write_row(running: Running) -> None:
    marks = Path(sys.argv[2])
    (marks / f"{running.payload['n']}-{running.claim.attempt}").touch()
    deadline = time.monotonic() + running.payload["s"]
    while time.monotonic() < deadline:
        running.check()
        time.sleep(0.02)
    with running.finishing() as session:
        session.execute(text("INSERT INTO effect (n) VALUES (:n)"), {"n": running.payload["n"]})


if __name__ == "__main__":
    worker = Worker(open_database(sys.argv[1]), {"row": Handler(write_row)}, lease_s=1.5, poll_s=0.05, drain_s=0.5)
    worker.run_here(until_idle="--until-idle" in sys.argv)
