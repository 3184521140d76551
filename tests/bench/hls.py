"""Processor time of the whole ladder job against one bare ffmpeg pass that makes the same ladder.

    python -m tests.bench.hls [--seconds 60] [--rounds 2] [--goal 1.1]

Ours is everything the job does: fetching the file, probing, the sandbox, the pass, the file to take away, the sound,
the storyboard, storing. Prints one line of JSON; exit status 1 above the goal.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col, select
from tests.bench.films import lesson

import tongke.tables  # noqa: F401
from tongke.accounts.models import User
from tongke.config import Settings
from tongke.db import metadata, open_database, transaction
from tongke.jobs.models import Job, JobState
from tongke.jobs.worker import Worker
from tongke.media import ladder, renditions, video
from tongke.media.models import Asset, Rendition, RenditionState
from tongke.media.sandbox import workspace
from tongke.media.works import handlers
from tongke.storage.base import blob_key
from tongke.storage.local import LocalStore


def cpu() -> float:
    """Seconds of processor time of this process and all it waited for."""
    return sum(
        use.ru_utime + use.ru_stime for use in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def bare(film: Path, folder: Path) -> float:
    """One pass of plain ffmpeg."""
    with workspace("source.media") as place:
        shutil.copyfile(film, place.source)
        probed = video.open_film(Settings(), place, "video/mp4", threading.Event()).probed
    assert probed.picture is not None
    rungs = ladder.rungs(probed.picture.width, probed.picture.height)
    folder.mkdir()
    before = cpu()
    argv = ["nice", "-n", "19", "ffmpeg", "-nostdin", "-y", "-v", "error", "-i", str(film)]
    subprocess.run([*argv, *video.ladder_arguments(probed, rungs, folder)], check=True)
    return cpu() - before


class Desk:
    """One uploaded film, whose ladder is made again and again."""

    def __init__(self, folder: Path, film: Path) -> None:
        self.engine = open_database(f"sqlite:///{folder / 'bench.sqlite3'}")
        metadata.create_all(self.engine)
        self.store, self.settings = LocalStore(folder / "objects"), Settings(data_dir=folder)
        digest = hashlib.sha256(film.read_bytes()).hexdigest()
        self.store.put(blob_key(digest), film)
        with transaction(self.engine) as session:
            teacher = User(email="t@example.org", name="王老师")
            session.add(teacher)
            session.flush()
            known = {"sha256": digest, "received_sha256": digest, "size_bytes": film.stat().st_size}
            session.add(Asset(owner_id=teacher.id, filename="a.mp4", media_type="video/mp4", kind="video", **known))
            session.flush()
            renditions.plan_renditions(session, session.exec(select(Asset)).one())
        self.worker().run(until_idle=True)

    def worker(self) -> Worker:
        return Worker(self.engine, handlers(self.store, self.settings, lambda *_: None), poll_s=0.5)

    def ladder(self) -> float:
        """The ladder job once more, from queued to done."""
        with transaction(self.engine) as session:
            kinds = col(Rendition.kind).in_(renditions.LADDER.makes)
            session.execute(update(Rendition).where(kinds).values(state=RenditionState.QUEUED.value))
            ours = col(Job.kind) == renditions.LADDER.job
            session.execute(update(Job).where(ours).values(state=JobState.QUEUED.value, attempts=0))
        before = cpu()
        self.worker().run(until_idle=True)
        used = cpu() - before
        with transaction(self.engine) as session:
            assert {row.state for row in session.exec(select(Rendition))} == {RenditionState.READY}
        return used


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--goal", type=float, default=1.1)
    chosen = parser.parse_args()
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = lesson(folder / "lesson.mp4", chosen.seconds)
        desk = Desk(folder, film)
        for number in range(chosen.rounds):
            theirs.append(bare(film, folder / f"bare-{number}"))
            ours.append(desk.ladder())
    ratio = statistics.median(ours) / statistics.median(theirs)
    report = {"bench": "hls", "seconds": chosen.seconds, "rounds": chosen.rounds}
    report |= {"tongke_cpu_s": round(statistics.median(ours), 2), "ffmpeg_cpu_s": round(statistics.median(theirs), 2)}
    sys.stdout.write(json.dumps(report | {"ratio": round(ratio, 3), "goal": chosen.goal}) + "\n")
    return 0 if ratio <= chosen.goal else 1


if __name__ == "__main__":
    sys.exit(main())
