"""A running platform for browser tests: the real command line, a data directory of its own, demo content."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers import free_port

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class Site:
    """Where the platform answers, and the means to stop and start it."""

    base_url: str
    data_dir: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str, timeout: float = 300) -> str:
        """Run ``tongke …`` beside the server; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "tongke", *words], env=self.environment, cwd=ROOT, capture_output=True,
            timeout=timeout, check=False, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, program: str = "tongke", **more: str) -> None:
        """Start the server; another ``program`` stands for it (tests/faults/points.py), ``more`` is its environment."""
        log = (self.data_dir / "serve.log").open("ab")
        port = self.base_url.rsplit(":", 1)[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", program, "serve", "--host", "127.0.0.1", "--port", port],
            env=self.environment | more, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        log.close()
        self.wait()

    def wait(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process is None or self.process.poll() is None, (self.data_dir / "serve.log").read_text()
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"{self.base_url}/readyz", timeout=2).close()
                return
            time.sleep(0.05)
        raise TimeoutError((self.data_dir / "serve.log").read_text())

    def stop(self) -> None:
        """Stop as Ctrl-C would."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.process = None

    def kill(self) -> None:
        """Pull the plug: the web process and everything it started, at once."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.process = None


@contextlib.contextmanager
def running_site(folder: Path, *, demo: bool = True, **settings: str) -> Iterator[Site]:
    """A platform on free neighbouring ports, stopped at the end; with demo content unless told otherwise."""
    base_url = settings.pop("base_url", "") or f"http://127.0.0.1:{neighbouring_ports()}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TONGKE_")} | {
        "TONGKE_DATA_DIR": str(folder),
        "TONGKE_BASE_URL": base_url,
        "PYTHONPATH": os.pathsep.join(str(ROOT / p) for p in ("backend", "frontend", "indexer")),
        "LANG": "zh_CN.UTF-8",
        **{f"TONGKE_{name.upper()}": value for name, value in settings.items()},
    }
    site = Site(base_url, folder, environment)
    site.command("migrate")
    if demo:
        site.command("demo")
    site.start()
    try:
        yield site
    finally:
        if site.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(site.process.pid, signal.SIGKILL)
            site.process.wait(10)


def neighbouring_ports() -> int:
    """A free port whose next one is free too."""
    import socket

    for _ in range(50):
        port = free_port()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise RuntimeError("no two neighbouring ports are free")
