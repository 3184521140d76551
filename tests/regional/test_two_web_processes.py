"""The regional profile as an operator runs it: two web processes and a worker that share no disk but one.

PostgreSQL and SeaweedFS are real. Meilisearch has no package that carries its server: unless ``TEST_MEILI_URL`` names a
running one, the embedded engine stands in for it, in a folder which the two web processes and the worker share on this
one machine: the worker's indexer writes, the web processes read. Every request goes to the other web process than the
one before.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from tests import journey
from tests.e2e.site import ROOT, Site, neighbouring_ports
from tests.journey import Person
from tests.postgres import new_database, postgres_server, programs
from tests.servers import seaweedfs, weed_binary

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.postgres, pytest.mark.s3]


@dataclass
class Region:
    """Both web processes, as the one address a proxy would give them."""

    webs: list[Site]
    turns: Iterator[int] = field(default_factory=itertools.count)

    @property
    def next(self) -> str:
        return self.webs[next(self.turns) % 2].base_url

    def content(self, number: int, url: str) -> str:
        """The same bytes from that process's content origin."""
        first, this = (self.webs[n].base_url.rsplit(":", 1) for n in (0, number))
        return url.replace(f":{int(first[1]) + 1}/", f":{int(this[1]) + 1}/", 1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The three services, and the settings that every process of the region gets alike."""
    if programs() is None or weed_binary() is None:
        pytest.skip("no PostgreSQL or SeaweedFS on this machine")
    folder = tmp_path_factory.mktemp("services")
    with postgres_server(folder) as postgres, seaweedfs(folder) as s3:
        yield {
            "TONGKE_DATABASE_URL": new_database(postgres, "region"),
            "TONGKE_STORAGE_URL": f"{s3}/b{uuid4().hex[:12]}",
            "TONGKE_SEARCH_URL": os.environ.get("TEST_MEILI_URL") or f"embedded://{folder / 'search'}",
            "TONGKE_SECRET_KEY": "one secret for every process of the region",
        }


def site(folder: Path, shared: dict[str, str], base_url: str, port: int) -> Site:
    """A process with a data directory of its own; ``base_url`` is what people type, the same for all."""
    folder.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TONGKE_")}
    paths = os.pathsep.join(str(ROOT / p) for p in ("backend", "frontend", "indexer"))
    own = {"TONGKE_DATA_DIR": str(folder), "TONGKE_BASE_URL": base_url, "PYTHONPATH": paths, "LANG": "zh_CN.UTF-8"}
    return Site(f"http://127.0.0.1:{port}", folder, environment | shared | own)


@pytest.fixture(scope="module")
def region(shared: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    folder = tmp_path_factory.mktemp("region")
    first = neighbouring_ports()
    base_url = f"http://127.0.0.1:{first}"
    ports = [first, next(port for port in iter(neighbouring_ports, None) if abs(port - first) > 1)]
    region = Region([site(folder / f"web{n}", shared, base_url, port) for n, port in enumerate(ports)])
    worker = site(folder / "worker", shared, base_url, first)
    region.webs[0].command("migrate")
    try:
        with (worker.data_dir / "worker.log").open("ab") as log:
            command = [sys.executable, "-m", "tongke", "worker"]
            worker.process = subprocess.Popen(
                command, env=worker.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        for web in region.webs:
            web.start()
        yield region
    finally:
        for one in (worker, *region.webs):
            if one.process:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(one.process.pid, signal.SIGKILL)
                one.process.wait(10)


@pytest.fixture(scope="module")
def teacher(region: Region) -> Person:
    return journey.person(region.webs[0], "teacher", "teacher")


@pytest.fixture(scope="module")
def reviewer(region: Region) -> Person:
    return journey.person(region.webs[1], "reviewer", "reviewer")


def test_who_signs_in_at_one_is_known_to_the_other_until_signed_out(region: Region, teacher: Person) -> None:
    with httpx2.Client(timeout=30) as browser:  # cookies know hosts, not ports: one jar, as behind a proxy
        form = {"email": teacher.email, "password": journey.PASSWORD}
        answer = browser.post(f"{region.webs[0].base_url}/sign-in", data=form)
        assert answer.status_code == 303, answer.text
        assert browser.get(f"{region.webs[1].base_url}/me/settings").status_code == 200
        assert browser.post(f"{region.webs[1].base_url}/sign-out").status_code == 303
        browser.cookies.update(answer.cookies)  # the old cookie, which the other process must not believe any more

        assert browser.get(f"{region.webs[0].base_url}/me/settings").status_code != 200


def test_a_film_goes_all_its_way_with_every_request_to_the_other_process(
    region: Region, teacher: Person, reviewer: Person, ffmpeg: str, tmp_path: Path
) -> None:
    film = tmp_path / "课.mp4"
    made = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=15:d=4", "-f", "lavfi", "-i", "sine=d=4"]
    subprocess.run([ffmpeg, "-v", "error", *made, "-c:v", "libx264", "-preset", "ultrafast", str(film)], check=True)
    content, title = film.read_bytes(), "两台服务器上的分数课"

    asset = journey.upload([web.base_url for web in region.webs], teacher, content, "课.mp4", pieces=5)
    lesson = journey.draft(region.next, teacher, title, asset, subject="数学")
    assert teacher.ask(region.next, "GET", f"/api/v1/resources/{lesson}").json()["state"] == "draft"
    assert httpx2.get(f"{region.next}/api/v1/resources/{lesson}").status_code == 404
    journey.submit(region.next, teacher, lesson)
    journey.publish(region.next, reviewer, lesson)
    for web in region.webs:
        journey.wait_for(lambda at=web.base_url: journey.ids(journey.search(at, q="分数课")) == [lesson])
        assert journey.search(web.base_url, q="分数课")["notice"] is None

    def ready() -> dict[str, dict]:
        seen = httpx2.get(f"{region.next}/api/v1/resources/{lesson}", timeout=30).json()
        by_kind = {one["kind"]: one for one in seen["renditions"]}
        return by_kind if by_kind["hls"]["state"] == by_kind["mp4_240"]["state"] == "ready" else {}

    renditions = journey.wait_for(ready, 120)
    _check_plays(region, renditions)
    original = httpx2.get(f"{region.next}/api/v1/resources/{lesson}").json()["assets"][0]
    assert (original["sha256"], original["received_sha256"]) == (journey.sha256(content), journey.sha256(content))
    for number in (0, 1):
        got = httpx2.get(region.content(number, original["url"]), headers={"Range": "bytes=1000-1999"}, timeout=30)
        assert (got.status_code, got.content) == (206, content[1000:2000])

    teacher.post(region.next, f"/resources/{lesson}/withdrawal", {"reason": "教材已更新"})
    for web in region.webs:  # at once, before the worker's indexer has been there
        assert journey.search(web.base_url, q="分数课")["total"] == 0
        assert httpx2.get(f"{web.base_url}/api/v1/resources/{lesson}").status_code == 404


def _check_plays(region: Region, renditions: dict[str, dict]) -> None:
    """The playlist of one origin, its first rung and that rung's bytes of the other."""
    for number in (0, 1):
        master = region.content(number, renditions["hls"]["url"])
        rung = next(line for line in httpx2.get(master, timeout=30).text.splitlines() if line.endswith("p.m3u8"))
        other = region.content(1 - number, renditions["hls"]["url"]).rpartition("/")[0]
        playlist = httpx2.get(f"{other}/{rung}", timeout=30)
        assert "#EXTINF" in playlist.text
        media = httpx2.get(f"{other}/{rung.removesuffix('.m3u8')}.m4s", headers={"Range": "bytes=0-99"}, timeout=30)
        assert (media.status_code, media.content[4:8]) == (206, b"ftyp")
    small = httpx2.get(region.content(1, renditions["mp4_240"]["url"]), timeout=30).content
    assert small[4:8] == b"ftyp"


def test_one_web_process_killed_the_other_carries_the_upload_on(region: Region, teacher: Person) -> None:
    """No byte that was acknowledged lay on the disk of the process that died."""
    from tests.uploading.tus import Tus

    content = "区县平台：断了一台服务器。\n".encode() * 20_000
    doors = [Tus(int(web.base_url.rsplit(":", 1)[1]), teacher.token) for web in region.webs]
    place = doors[1].open(len(content))
    assert doors[1].send(place, 0, content[:300_000]).status == 204
    region.webs[1].kill()
    shutil.rmtree(region.webs[1].data_dir)

    assert doors[0].status(place).headers["Upload-Offset"] == "300000"
    asset = doors[0].resume(place, content)
    region.webs[1].data_dir.mkdir()
    region.webs[1].start()
    lesson = journey.draft(region.webs[1].base_url, teacher, "换一台继续", asset)
    kept = teacher.ask(region.webs[0].base_url, "GET", f"/api/v1/resources/{lesson}").json()["assets"][0]
    assert kept["sha256"] == journey.sha256(content)


def test_an_unmigrated_database_is_named_and_a_secret_demanded(shared: dict[str, str], tmp_path: Path) -> None:
    server = shared["TONGKE_DATABASE_URL"].rsplit("/", 1)[0] + "/postgres"
    port = neighbouring_ports()
    empty = {**shared, "TONGKE_DATABASE_URL": new_database(server, f"empty{uuid4().hex[:8]}")}

    def serve(**changed: str) -> subprocess.CompletedProcess[str]:
        one = site(tmp_path / uuid4().hex, {**empty, **changed}, f"http://127.0.0.1:{port}", port)
        command = [sys.executable, "-m", "tongke", "serve", "--host", "127.0.0.1", "--port", str(port)]
        return subprocess.run(
            command, env=one.environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    unmigrated, unsigned = serve(), serve(TONGKE_SECRET_KEY="")

    assert (unmigrated.returncode, "tongke migrate" in unmigrated.stderr) == (1, True)
    assert (unsigned.returncode, "TONGKE_SECRET_KEY" in unsigned.stderr) == (2, True)
