"""The one writer of an index version."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import tantivy

from tongke.errors import SearchUnavailable
from tongke.i18n import say

IDLE_S = 5.0
WAIT_S = 20.0
HEAP_BYTES = 30_000_000


class Writer:
    """Opened at the first change, kept warm while changes come, given back after ``IDLE_S`` seconds without any.

    tantivy locks the folder against a second writer; the operating system lets go of the lock when a process is
    killed. Waiting ``WAIT_S`` for it outlasts another process's idle writer.
    """

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self._guard = threading.Lock()
        self._writer: tantivy.IndexWriter | None = None
        self._timer: threading.Timer | None = None

    def commit(self) -> None:
        """Keep what was applied without a commit."""
        self.apply(lambda _: None)

    def apply(self, change: Callable[[tantivy.IndexWriter], None], *, commit: bool = True) -> None:
        """Do ``change`` and commit; nothing since the last commit stays when it raises."""
        with self._guard:
            writer = self._writer = self._writer or self._open()
            try:
                change(writer)
                if commit:
                    writer.commit()
            except BaseException:
                self._writer = None  # dropped without a commit: what was added goes with it
                raise
            if commit:
                self._close_later()

    def close(self) -> None:
        """Finish merging and let others write."""
        with self._guard:
            self._close()

    def _open(self) -> tantivy.IndexWriter:
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                return self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
            except ValueError as error:
                if "LockBusy" not in str(error):
                    raise
                if time.monotonic() > deadline:
                    raise SearchUnavailable(say("另一个程序正在写入搜索索引。")) from error
            time.sleep(0.05)

    def _close_later(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = threading.Timer(IDLE_S, self.close)
        self._timer.daemon = True
        self._timer.start()

    def _close(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if self._writer:
            writer, self._writer = self._writer, None
            writer.wait_merging_threads()
