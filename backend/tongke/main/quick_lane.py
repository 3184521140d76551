"""The embedded profile's quick jobs, beside the pages: nobody waits two seconds for a worker to start."""

from __future__ import annotations

import threading

import structlog

from tongke.http.platform import Platform
from tongke.jobs.worker import Worker
from tongke.main.job_table import quick_table

log = structlog.get_logger()

REST_AFTER_CRASH_S = 5.0


class QuickLane(threading.Thread):
    """Runs the first play, thumbnails and plain texts; the programs they call are processes of their own."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(name="quick-lane", daemon=True)
        self._platform = platform
        self._over = threading.Event()
        self._worker = self._new_worker()

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self._worker.run()
            except Exception:  # whatever it was, the jobs are still there: try again
                log.exception("jobs.quick_lane_died")
                self._over.wait(REST_AFTER_CRASH_S)
                self._worker = self._new_worker()

    def wake(self) -> None:
        self._worker.wake()

    def stop(self) -> None:
        """The job in hand may end; what needs longer is given back."""
        self._over.set()
        self._worker.stop()
        if self.is_alive():
            self.join()

    def _new_worker(self) -> Worker:
        return Worker(self._platform.engine, quick_table(self._platform))
