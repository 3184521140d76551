"""Real web processes around one data directory, to be killed and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.servers import free_port, wait_for
from tests.uploading import forked

from tongke.accounts import service as accounts
from tongke.accounts.models import Role
from tongke.config import Settings
from tongke.db import open_database, transaction
from tongke.migrations.runner import migrate

ROOT = Path(__file__).parents[2]


@dataclass
class Server:
    """One web process; ``start`` again after ``kill`` takes up where it stood."""

    environment: dict[str, str]
    token: str
    port: int = field(default_factory=free_port)
    process: BaseProcess | None = None

    def start(self, *, kill_at: str = "") -> None:
        self.process = forked.start({**self.environment, "TEST_KILL_AT": kill_at}, self.port)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.is_alive():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.02)
        raise TimeoutError(f"no server on {self.port}")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None

    @property
    def settings(self) -> Settings:
        names = {name.removeprefix("TONGKE_").lower(): value for name, value in self.environment.items()}
        return Settings(**names)  # type: ignore[arg-type]


def prepare(folder: Path, **addresses: str) -> Server:
    """A migrated database with one teacher, and a server that has not started yet."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    environment = {
        "TONGKE_DATA_DIR": str(folder),
        "TONGKE_BASE_URL": f"http://127.0.0.1:{port}",
        "TONGKE_CONTENT_URL": "http://127.0.0.1:1",
        "TONGKE_SECRET_KEY": "a secret for tests only, long enough",
        "TONGKE_FREE_SPACE_RESERVE_BYTES": "0",
        **{f"TONGKE_{name.upper()}": value for name, value in addresses.items()},
    }
    server = Server(environment, "", port)
    engine = open_database(server.settings.database)
    migrate(engine)
    with transaction(engine) as session:
        teacher = accounts.create_user(session, email="t@example.org", name="王老师", password=None, role=Role.TEACHER)
        session.flush()
        server.token = accounts.create_token(session, teacher)
    engine.dispose()
    return server


@contextlib.contextmanager
def serving(folder: Path, **addresses: str) -> Iterator[Server]:
    """A server as an operator starts it: granian's own command line."""
    server = prepare(folder, **addresses)
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "tests.uploading.app:create",
               "--host", "127.0.0.1", "--port", str(server.port), "--no-access-log", "--log-level", "warning"]  # fmt: skip
    path = os.pathsep.join(str(ROOT / folder) for folder in ("backend", "frontend", "indexer", "."))
    environment = {**os.environ, **server.environment, "PYTHONPATH": path}
    process = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{server.port}/api/v1/uploads/none", process)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
