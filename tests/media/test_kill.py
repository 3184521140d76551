"""A worker killed in the middle of the ladder: nothing runs on, nothing is stuck, the next worker ends it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tongke.media.models import RenditionState
from tongke.storage.base import rendition_key

PROGRAM = Path(__file__).with_name("program.py")
pytestmark = [
    pytest.mark.media,
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc"),
]


@pytest.fixture
def start(desk, settings):
    started = []

    def go() -> subprocess.Popen[bytes]:
        arguments = [settings.database, str(desk.store.root), str(settings.data_dir)]
        started.append(subprocess.Popen([sys.executable, str(PROGRAM), *arguments]))
        return started[-1]

    yield go
    for process in started:
        process.kill()
        process.wait()


def foreign(folder: Path) -> list[str]:
    """The programs that work below ``folder``."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if str(folder) in " ".join(words) and str(PROGRAM) not in words:
            found.append(" ".join(words[:2]))
    return found


def wait_for(what, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def test_ladder_survives_its_worker(desk, film, start, settings):
    asset = desk.add(
        film("课.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", size="1280x720", seconds=20)
    )
    folder = settings.data_dir / "work"
    worker = start()
    wait_for(lambda: desk.made(asset)["hls"].progress > 0.05)
    assert any("ffmpeg" in words or "launch" in words for words in foreign(folder))

    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    wait_for(lambda: foreign(folder) == [], 3)
    assert desk.made(asset)["hls"].state == RenditionState.RUNNING
    assert list(folder.iterdir())
    assert start().wait(150) == 0
    assert set(desk.states(asset).values()) == {RenditionState.READY}
    assert list(folder.iterdir()) == []
    kept = {re.sub(r".*/", "", stat.key) for stat in desk.store.keys(rendition_key(asset.sha256, "hls", ""))}
    assert kept == {
        "master.m3u8",
        *(f"{name}.{end}" for name in ("240p", "360p", "720p", "audio") for end in ("m3u8", "m4s")),
    }


def test_terminated_worker_gives_the_ladder_back_unfailed(desk, film, start, settings):
    asset = desk.add(
        film("课.mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", size="1280x720", seconds=20)
    )
    worker = start()
    wait_for(lambda: desk.made(asset)["hls"].progress > 0.05)

    worker.terminate()

    assert worker.wait(30) == 0
    assert foreign(settings.data_dir / "work") == []
    assert desk.made(asset)["hls"].state != RenditionState.FAILED
    assert list((settings.data_dir / "work").iterdir()) == []
