"""Where lines of the log go: one file a day, kept as long as the law asks, or standard error for a collector."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import structlog

from tongke.config import Settings
from tongke.storage.local import sync_folder

STANDARD_ERROR = "-"
_SUFFIX = ".jsonl"


class DailyFiles:
    """Appends lines to ``folder/2026-11-23.jsonl`` (days are UTC) and removes files older than ``days``.

    Each line is one write to a file opened for appending: several processes may share the folder.
    """

    def __init__(self, folder: Path, days: int) -> None:
        self.folder, self.days = folder, days
        self._lock = threading.Lock()
        self._day: date | None = None
        self._descriptor = -1

    def write(self, line: str) -> None:
        today = datetime.now(UTC).date()
        with self._lock:
            if today != self._day:
                self._turn(today)
            os.write(self._descriptor, (line + "\n").encode())

    def _turn(self, today: date) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        opened = os.open(self.folder / f"{today}{_SUFFIX}", flags, 0o600)
        if self._day is not None:
            os.close(self._descriptor)
        self._day, self._descriptor = today, opened
        self._forget(today - timedelta(days=self.days))
        sync_folder(self.folder)

    def _forget(self, before: date) -> None:
        for path in self.folder.glob(f"????-??-??{_SUFFIX}"):
            if path.stem < before.isoformat():
                path.unlink(missing_ok=True)


def open_log(settings: Settings) -> Callable[[str], None]:
    """The writer the settings name; the platform's own events go the same way."""
    place = settings.log_dir or (str(settings.data_dir / "logs") if settings.is_embedded else STANDARD_ERROR)
    write = _to_standard_error if place == STANDARD_ERROR else DailyFiles(Path(place), settings.log_days).write
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: _Events(write),
        cache_logger_on_first_use=False,
    )
    return write


def _to_standard_error(line: str) -> None:
    sys.stderr.write(line + "\n")


class _Events:
    """What structlog writes to: every level is a line, and on the way to a file still shown on the terminal."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def msg(self, line: str) -> None:
        self._write(line)
        if self._write is not _to_standard_error:
            _to_standard_error(line)

    debug = info = warning = warn = error = critical = exception = fatal = log = msg
