"""Real processes killed at every step, lines cut, disks filled: nothing acknowledged is lost, nothing stays stuck."""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select
from tests.servers import free_port
from tests.uploading.serving import Server, prepare
from tests.uploading.tus import Tus

from tongke.db import open_database, reading
from tongke.jobs.models import Job
from tongke.media.models import Asset, UploadSession
from tongke.storage import open_storage
from tongke.storage.base import blob_key
from tongke.storage.spool import CHECKPOINT_BYTES, open_spool

pytestmark = [pytest.mark.fault, pytest.mark.slow]

LINE = "同课异构：小数除法的教学反思，第 {:08} 条。\n"
LARGE = "".join(LINE.format(n) for n in range(250_000)).encode()  # about 13 MB, three checkpoints
SMALL = LARGE[:300_000]


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.s3)])
def server(request, tmp_path: Path) -> Iterator[Server]:
    addresses = {}
    if request.param == "s3":
        addresses["storage_url"] = f"{request.getfixturevalue('s3_server')}/b{uuid4().hex[:12]}"
    server = prepare(tmp_path / "web", **addresses)
    server.environment["TEST_LEASE_S"] = "2"
    yield server
    server.kill()


@pytest.fixture
def tus(server: Server) -> Tus:
    return Tus(server.port, server.token)


def check_kept(server: Server, asset_id: str, content: bytes) -> None:
    """The asset is what was sent, once, with its jobs; no bytes are left over."""
    engine, store = open_database(server.settings.database), open_storage(server.settings.storage)
    with reading(engine) as session:
        (asset,) = session.exec(select(Asset)).all()
        (upload,) = session.exec(select(UploadSession)).all()
        assert len(session.exec(select(Job)).all()) == 1
    engine.dispose()
    digest = hashlib.sha256(content).hexdigest()
    assert (str(asset.id), asset.received_sha256, asset.size_bytes) == (asset_id, digest, len(content))
    assert (upload.state, upload.asset_id, upload.lease_token) == ("complete", asset.id, None)
    assert hashlib.sha256(b"".join(store.read(blob_key(asset.sha256)))).hexdigest() == asset.sha256 == digest
    assert [found.key for found in store.keys("sha256/")] == [blob_key(digest)]


def wait_until_kept(server: Server, place: str, more_than: int) -> None:
    """Return when the spool holds more than that; what has come must be kept without any more coming."""
    spool, deadline = open_spool(open_storage(server.settings.storage)), time.monotonic() + 20
    while spool.kept_bytes(place.rpartition("/")[2]) <= more_than:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    "sent", [1, CHECKPOINT_BYTES - 1, CHECKPOINT_BYTES + 70_001, 2 * CHECKPOINT_BYTES + 5, len(LARGE) - 1]
)
def test_killed_in_the_middle_of_a_patch_the_upload_goes_on_where_it_stood(server, tus, sent) -> None:
    server.start()
    place = tus.open(len(LARGE))
    line = tus.begin(place, 0, LARGE[:sent], announced=len(LARGE))
    wait_until_kept(server, place, sent - CHECKPOINT_BYTES)
    server.kill()
    line.close()
    server.start()

    offset = int(tus.status(place).headers["Upload-Offset"])

    assert sent - CHECKPOINT_BYTES < offset <= sent
    check_kept(server, tus.resume(place, LARGE), LARGE)


@pytest.mark.parametrize(
    "point",
    [
        "tongke.media.uploads_lease:take:after",
        "tongke.media.uploads_intake:Intake.end:before",
        "tongke.media.uploads_intake:Intake.end:after",
        "tongke.media.uploads_finish:ingest:before",
        "tongke.media.ingest:_keep:before",
        "tongke.media.ingest:_keep:after",
        "tongke.media.ingest:shut_out_sweep:before",
        "tongke.media.ingest:plan_renditions:after",
        "tongke.media.ingest:_record:after",
        "tongke.media.uploads_finish:ingest:after",
        "tongke.api.v1.uploads:finish:after",
    ],
)
def test_killed_between_the_last_byte_and_the_answer_the_same_asset_appears_once(server, tus, point) -> None:
    server.start(kill_at=point)
    place = tus.open(len(SMALL))
    with pytest.raises((OSError, http.client.HTTPException)):
        tus.send(place, 0, SMALL)
    server.kill()
    server.start()

    asset = tus.resume(place, SMALL)

    check_kept(server, asset, SMALL)
    assert tus.status(place).headers["Tongke-Asset"] == asset


def test_a_cut_line_keeps_every_byte_that_arrived(server, tus) -> None:
    server.start()
    place = tus.open(len(LARGE))
    line = tus.begin(place, 0, LARGE[:7_000_000], announced=len(LARGE))
    time.sleep(0.7)
    line.close()
    deadline = time.monotonic() + 10
    while int(tus.status(place).headers["Upload-Offset"]) < 7_000_000 and time.monotonic() < deadline:
        time.sleep(0.1)

    assert tus.status(place).headers["Upload-Offset"] == "7000000"
    check_kept(server, tus.resume(place, LARGE), LARGE)


def test_of_two_writers_at_once_one_is_refused_and_the_bytes_are_right(server, tus) -> None:
    server.start()
    place = tus.open(len(LARGE))
    line = tus.begin(place, 0, LARGE[:1_000_000], announced=len(LARGE))
    time.sleep(0.5)

    second = tus.begin(place, 0, b"x" * 1000, announced=len(LARGE))
    refused = second.recv(4096)
    second.close()
    line.sendall(LARGE[1_000_000:])
    answer = line.recv(4096)
    line.close()

    assert refused.startswith(b"HTTP/1.1 423")
    assert answer.startswith(b"HTTP/1.1 204")
    check_kept(server, tus.resume(place, LARGE), LARGE)


def test_a_silent_connection_loses_its_right_and_can_do_no_harm_when_it_wakes(server, tus) -> None:
    server.start()
    place = tus.open(len(LARGE))
    asleep = tus.begin(place, 0, LARGE[:100_000], announced=len(LARGE))
    time.sleep(3)  # the lease is 2 s here

    asset = tus.resume(place, LARGE)
    asleep.sendall(b"x" * 3_000_000)
    asleep.close()
    time.sleep(0.5)

    check_kept(server, asset, LARGE)


def test_a_body_shorter_than_announced_is_kept_and_one_longer_than_the_file_refused(server, tus) -> None:
    server.start()
    place = tus.open(len(SMALL))
    line = tus.begin(place, 0, SMALL[:1000], announced=len(SMALL))
    line.close()
    wait_until_kept(server, place, 999)
    time.sleep(2)  # should the line's end not have been seen: its lease
    refused = tus.begin(place, 1000, b"", announced=len(SMALL))
    answer = refused.recv(4096)
    refused.close()

    assert answer.startswith(b"HTTP/1.1 413")
    check_kept(server, tus.resume(place, SMALL), SMALL)


def test_two_web_processes_share_nothing_but_the_database_and_the_store(server, tus, tmp_path) -> None:
    other = replace(server, port=free_port(), process=None, environment={
        **server.environment,
        "TONGKE_DATABASE_URL": server.settings.database,
        "TONGKE_STORAGE_URL": server.settings.storage,
        "TONGKE_DATA_DIR": str(tmp_path / "other"),
    })  # fmt: skip
    server.start()
    other.start()
    try:
        doors = [tus, Tus(other.port, server.token)]
        place, step = tus.open(len(LARGE)), len(LARGE) // 5 + 1
        for number, offset in enumerate(range(0, len(LARGE), step)):
            answer = doors[number % 2].send(place, offset, LARGE[offset : offset + step])
            assert answer.status == 204
        asset = answer.headers["Tongke-Asset"]
        assert [door.status(place).headers["Tongke-Asset"] for door in doors] == [asset, asset]
    finally:
        other.kill()
    check_kept(server, asset, LARGE)


def test_twenty_uploads_at_once_all_arrive(server) -> None:
    server.start()
    found: dict[int, bytes] = {}

    def upload(number: int) -> None:
        content = LINE.format(number).encode() + SMALL
        client = Tus(server.port, server.token)
        place = client.open(len(content))
        found[number] = client.resume(place, content).encode()

    threads = [threading.Thread(target=upload, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(found.values())) == 20


def test_tuspy_agrees(server, tmp_path) -> None:
    from tusclient.client import TusClient

    server.start()
    path = tmp_path / "教案.txt"
    path.write_bytes(LARGE)
    address = f"http://127.0.0.1:{server.port}/api/v1/uploads"
    client = TusClient(address, headers={"Authorization": f"Bearer {server.token}"})
    uploader = client.uploader(str(path), chunk_size=3_000_000, metadata={"filename": "教案.txt"})
    uploader.upload(stop_at=6_000_000)
    again = client.uploader(str(path), chunk_size=4_000_000, url=uploader.url)
    assert again.get_offset() == 6_000_000
    again.upload()

    asset = Tus(server.port, server.token).status("/api/v1/uploads/" + uploader.url.rpartition("/")[2])
    check_kept(server, asset.headers["Tongke-Asset"], LARGE)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.name != "posix" or os.geteuid() != 0 or not mount:
        pytest.skip("only root may mount a small disk")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("this machine does not let root mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up_refuses_clearly_and_goes_on_when_there_is_room(small_disk, tmp_path) -> None:
    database = f"sqlite:///{tmp_path / 'tongke.sqlite3'}"
    server = prepare(tmp_path / "web", storage_url=f"file://{small_disk / 'objects'}", database_url=database)
    tus = Tus(server.port, server.token)
    server.start()
    try:
        place = tus.open(len(LARGE))
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(14 * 1024 * 1024))  # after the check: only the write itself can notice

        refused = tus.ask("POST", "/api/v1/uploads", Upload_Length=str(len(LARGE)))
        spool = open_spool(open_storage(server.settings.storage))
        line = tus.begin(place, 0, LARGE[:200_000], announced=200_000)
        assert b" 507 " in line.recv(4096).split(b"\r\n")[0]
        ballast.write_bytes(bytes(8 * 1024 * 1024))
        racing = tus.begin(place, 0, LARGE[:1_000_000], announced=len(LARGE))
        time.sleep(0.5)
        with ballast.open("ab") as stream:
            stream.write(bytes(11 * 1024 * 1024))
        racing.sendall(LARGE[1_000_000:8_000_000])
        racing.settimeout(10)
        full = racing.recv(4096)
        ballast.unlink()

        assert refused.status == 507
        assert b" 507 " in full.split(b"\r\n")[0]
        assert spool.kept_bytes(place.rpartition("/")[2]) >= 1_000_000
        check_kept(server, tus.resume(place, LARGE), LARGE)
    finally:
        server.kill()
