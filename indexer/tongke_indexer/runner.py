"""The thread that keeps the index true: woken after each change, and looking by itself every second."""

from __future__ import annotations

import threading
import time

import structlog
from sqlalchemy import Engine

from tongke.db import reading
from tongke.search.base import IndexDamaged, SearchEngine
from tongke_indexer import rebuild, sync

log = structlog.get_logger()

POLL_S = 0.5
CHECK_S = 3.0
_LONGEST_PAUSE_S = 30.0


class IndexRunner:
    """Started by the web process of the embedded profile and by workers; several may run, one at a time works.

    ``wake`` is safe from any thread and never blocks. An index that is damaged, or empty though it should not be,
    is rebuilt; any other error is logged and tried again after a growing pause.
    """

    def __init__(self, engine: Engine, search: SearchEngine, *, poll_s: float = POLL_S) -> None:
        self._engine, self._search, self._poll_s = engine, search, poll_s
        self._woken = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    def stop(self, timeout_s: float = 10.0) -> None:
        """End after the batch in hand."""
        self._over.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        pause_s = self._poll_s
        check_at = 0.0
        while not self._over.is_set():
            self._woken.clear()
            try:
                # What is on its way may be all there is: an empty index says nothing until it has arrived.
                if not check_at or (time.monotonic() > check_at and not sync.has_requests(self._engine)):
                    self._check()
                    check_at = time.monotonic() + CHECK_S
                sync.drain(self._engine, self._search)
                pause_s = self._poll_s
            except IndexDamaged as error:
                log.warning("index.damaged", reason=repr(error.__cause__ or error))
                pause_s = self._heal(pause_s)
            except Exception as error:  # whatever it was, the requests still stand: try again, later each time
                log.exception("index.behind", reason=repr(error))
                pause_s = min(_LONGEST_PAUSE_S, max(1.0, pause_s * 2))
            waits_for = self._woken if pause_s == self._poll_s else self._over
            waits_for.wait(pause_s)

    def _check(self) -> None:
        with reading(self._engine) as session:
            is_lost = rebuild.is_empty_by_mistake(session, self._search)
        if is_lost:
            log.warning("index.empty")
            rebuild.rebuild(self._engine, self._search)

    def _heal(self, pause_s: float) -> float:
        try:
            count = rebuild.rebuild(self._engine, self._search)
        except Exception as error:
            log.exception("index.rebuild_failed", reason=repr(error))
            return min(_LONGEST_PAUSE_S, max(1.0, pause_s * 2))
        log.warning("index.rebuilt", documents=count)
        return self._poll_s
