"""The embedded profile's worker: started when there is slow work, gone when it has been idle."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from sqlalchemy import Engine

from tongke.config import Settings
from tongke.jobs import service as jobs
from tongke.main.job_table import WORKER_KINDS

POLL_S = 2.0
REST_AFTER_CRASH_S = 5.0


class WorkerKeeper(threading.Thread):
    """Watches the job table and keeps one worker process while there is something to do."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        super().__init__(name="worker-keeper", daemon=True)
        self.settings, self.engine = settings, engine
        self._something_changed = threading.Event()
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def wake(self) -> None:
        self._something_changed.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._something_changed.clear()
            if not self._is_running() and jobs.unfinished(self.engine, WORKER_KINDS):
                self._start_worker()
            self._something_changed.wait(POLL_S)

    def stop(self) -> None:
        """Ask the worker to end; what it was doing is taken up again at the next start."""
        self._stopping.set()
        self._something_changed.set()
        self.join()
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _is_running(self) -> bool:
        if self._process is None:
            return False
        status = self._process.poll()
        if status is None:
            return True
        if status != 0:
            time.sleep(REST_AFTER_CRASH_S)  # a worker that cannot start must not be started in a tight loop
        self._process = None
        return False

    def _start_worker(self) -> None:
        command = [sys.executable, "-m", "tongke", "worker", "--until-idle", str(self.settings.worker_idle_s)]
        self._process = subprocess.Popen(command, env=None, stdin=subprocess.DEVNULL)  # noqa: S603
