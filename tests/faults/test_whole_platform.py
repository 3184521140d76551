"""The whole platform killed at named points: after ``serve`` again, nothing acknowledged is lost and nothing is stuck.

What single doors and processes do when killed is tested beside them (tests/uploading, tests/jobs, tests/media,
tests/search); here a lesson goes all the way through ``tongke serve``.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlmodel import select
from tests import journey
from tests.e2e.site import Site, running_site
from tests.journey import Person
from tests.uploading.tus import Tus

from tongke.db import open_database, reading
from tongke.jobs.models import Job, JobState
from tongke.resources.models import Revision, RevisionState

pytestmark = [pytest.mark.fault, pytest.mark.slow]
RECOVERED_S = 10.0
DEAD = (OSError, httpx2.TransportError)


@dataclass
class World:
    """One platform that is killed and started again and again, and the people who use it."""

    site: Site
    teacher: Person
    reviewer: Person

    @property
    def base(self) -> str:
        return self.site.base_url

    @contextlib.contextmanager
    def dying_at(self, point: str) -> Iterator[Path]:
        """Run under ``tests.faults.points``; gives the file that arms the point. Ends when the tree is dead."""
        armed = self.site.data_dir / "armed"
        self.site.stop()
        self.site.start("tests.faults.points", TEST_KILL_AT=point, TEST_KILL_ARMED=str(armed))
        yield armed
        assert self.site.process is not None
        assert self.site.process.wait(30) == -9
        armed.unlink()

    def recover(self) -> float:
        """Start again, and nothing else; the moment from which recovery is counted."""
        self.site.start()
        return time.monotonic()

    def check_found(self, resource: str, title: str, since: float) -> None:
        """The lesson is published once, search shows it in time, and index and database agree."""
        journey.wait_for(lambda: resource in journey.ids(journey.search(self.base, q=title)))
        assert time.monotonic() - since < RECOVERED_S * _slowness()
        assert journey.ids(journey.search(self.base, q=title)).count(resource) == 1
        engine = open_database(f"sqlite:///{self.site.data_dir / 'tongke.sqlite3'}")
        with reading(engine) as session:
            of_it = [row for row in session.exec(select(Revision)) if str(row.resource_id) == resource]
        engine.dispose()
        assert [row.state for row in of_it] == [RevisionState.PUBLISHED]
        verified = json.loads(self.site.command("index", "verify", "--json"))
        assert (verified["agrees"], verified["pending"]) == (True, 0)

    def check_jobs_end(self, seconds: float = 30) -> None:
        engine = open_database(f"sqlite:///{self.site.data_dir / 'tongke.sqlite3'}")

        def states() -> set[str]:
            with reading(engine) as session:
                return set(session.exec(select(Job.state)))

        journey.wait_for(lambda: states() <= {JobState.DONE}, seconds)
        engine.dispose()


def _slowness() -> float:
    """Ten seconds are for an idle machine; a busy one is given what it lacks."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running_site(tmp_path_factory.mktemp("site"), demo=False, free_space_reserve_bytes="0") as site:
        teacher, reviewer = journey.person(site, "teacher", "teacher"), journey.person(site, "reviewer", "reviewer")
        yield World(site, teacher, reviewer)


@pytest.fixture(autouse=True)
def running(world: World) -> None:
    """Every test begins with a server that runs."""
    if world.site.process is None or world.site.process.poll() is not None:
        world.site.start()


@pytest.mark.parametrize("point", ["tongke.media.ingest:_keep:after", "tongke.media.ingest:plan_renditions:after"])
def test_killed_between_durable_bytes_and_their_asset_the_lesson_goes_on(world: World, point: str) -> None:
    title = f"断电时的教案{point.count('a')}"
    content = f"{title}：平行四边形的面积。\n".encode() * 4000
    with world.dying_at(point) as armed:
        tus = Tus(int(world.base.rsplit(":", 1)[1]), world.teacher.token)
        place = tus.open(len(content))
        armed.touch()
        with contextlib.suppress(*DEAD):
            tus.send(place, 0, content)
    since = world.recover()

    asset = tus.resume(place, content)
    lesson = journey.draft(world.base, world.teacher, title, asset)
    journey.submit(world.base, world.teacher, lesson)
    journey.publish(world.base, world.reviewer, lesson)

    world.check_found(lesson, title, since)
    kept = world.teacher.ask(world.base, "GET", f"/api/v1/resources/{lesson}").json()["assets"]
    assert [one["sha256"] for one in kept] == [journey.sha256(content)]
    assert journey.sha256(httpx2.get(kept[0]["url"], timeout=30).content) == journey.sha256(content)
    world.check_jobs_end()


@pytest.mark.parametrize(
    "point",
    [
        "tongke.main.serving:Serving._wake:before",  # committed; nobody has been told
        "tongke_indexer.sync:_drain_once:before",  # the indexer was told and has done nothing
        "tongke.search.embedded.engine:EmbeddedSearch.upsert:after",  # the index knows, the request still stands
        "tongke_indexer.sync:_close:after",  # all is done but the lease
    ],
)
def test_killed_around_publication_it_is_published_once_and_found(world: World, point: str) -> None:
    title = f"圆的周长{point.rpartition('.')[2].replace('_', '')}"
    with world.dying_at(point) as armed:
        lesson = journey.draft(world.base, world.teacher, title)
        journey.submit(world.base, world.teacher, lesson)
        armed.touch()
        with contextlib.suppress(*DEAD):
            journey.publish(world.base, world.reviewer, lesson)
    since = world.recover()

    world.check_found(lesson, title, since)
    again = world.reviewer.ask(world.base, "POST", f"/api/v1/resources/{lesson}/publication", json={})
    assert again.status_code == 409


def test_killed_before_the_publication_is_committed_the_reviewer_decides_again(world: World) -> None:
    title = "没有发布成的一课"
    with world.dying_at("tongke.review.service:publish:after") as armed:
        lesson = journey.draft(world.base, world.teacher, title)
        journey.submit(world.base, world.teacher, lesson)
        armed.touch()
        with contextlib.suppress(*DEAD):
            journey.publish(world.base, world.reviewer, lesson)
    since = world.recover()

    assert world.teacher.ask(world.base, "GET", f"/api/v1/resources/{lesson}").json()["state"] == "submitted"
    journey.publish(world.base, world.reviewer, lesson)
    world.check_found(lesson, title, since)


@pytest.mark.media
def test_killed_in_the_middle_of_a_ladder_the_film_is_whole_and_plays(world: World, ffmpeg: str, tmp_path) -> None:
    film = tmp_path / "课.mp4"
    made = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25:d=15", "-f", "lavfi", "-i", "sine=d=15"]
    subprocess.run([ffmpeg, "-v", "error", *made, "-c:v", "libx264", "-preset", "ultrafast", str(film)], check=True)
    content, title = film.read_bytes(), "拔掉电源的一课"
    asset = journey.upload([world.base], world.teacher, content, "课.mp4")
    lesson = journey.draft(world.base, world.teacher, title, asset)
    journey.submit(world.base, world.teacher, lesson)
    journey.publish(world.base, world.reviewer, lesson)

    def ladder() -> dict:
        seen = world.teacher.ask(world.base, "GET", f"/api/v1/resources/{lesson}").json()
        return next(one for one in seen["renditions"] if one["kind"] == "hls")

    journey.wait_for(lambda: ladder()["state"] == "running" and ladder()["progress"] > 0, 60)
    world.site.kill()
    since = world.recover()

    world.check_found(lesson, title, since)
    journey.wait_for(lambda: ladder()["state"] == "ready", 120)
    world.check_jobs_end()
    assert "240p.m3u8" in httpx2.get(ladder()["url"], timeout=30).text
    seen = httpx2.get(f"{world.base}/api/v1/resources/{lesson}", timeout=30).json()
    assert [one["sha256"] for one in seen["assets"]] == [journey.sha256(content)]


def test_a_file_the_disk_cannot_hold_is_refused_before_its_bytes_in_the_readers_language(world: World) -> None:
    world.site.stop()
    world.site.start(TONGKE_UPLOAD_LIMIT_BYTES=str(10**16))
    free = shutil.disk_usage(world.site.data_dir).free
    tus = Tus(int(world.base.rsplit(":", 1)[1]), world.teacher.token)
    said = {}
    for language in ("zh-CN", "en"):
        answer = tus.ask("POST", "/api/v1/uploads", Upload_Length=str(free + 10**12), Accept_Language=language)
        assert answer.status == 507
        assert answer.headers["Content-Type"] == "application/problem+json"
        said[language] = json.loads(answer.body)["detail"]  # type: ignore[attr-defined]

    assert "剩余空间不够" in said["zh-CN"]
    assert "space" in said["en"]
    world.site.stop()
