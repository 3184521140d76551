"""Whether the file of the embedded database is whole.

To know, all of it must be read: a second for every 200 MB in memory, six from a disk. Before the platform opens this
is done only after the machine itself went down, when damage is likely; otherwise beside the running platform.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from sqlalchemy import Engine

log = structlog.get_logger()

MARK = "running"
FIRST_LOOK_S = 5.0
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_DAMAGED = "damaged"
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def damage_after_a_fall(folder: Path, engine: Engine) -> str:
    """What is wrong with the database, looked for only when the machine went down with the platform running."""
    if not machine_went_down(folder):
        return ""
    with _driver(engine) as connection:
        return damage_of(connection)


@contextmanager
def _driver(engine: Engine) -> Iterator[sqlite3.Connection]:
    """SQLite's own connection, outside any transaction."""
    lent = engine.raw_connection()
    try:
        connection = lent.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        yield connection
    finally:
        lent.close()


def damage_of(connection: sqlite3.Connection) -> str:
    """What is wrong with the database, empty when nothing is; reads all of it."""
    try:
        verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return str(error)
    return "" if verdict == "ok" else verdict


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite says that the file is broken, not that it is busy or that a question was wrong."""
    return isinstance(error, sqlite3.DatabaseError) and (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _CORRUPT


def machine_went_down(folder: Path) -> bool:
    """Whether the platform ran here when the machine stopped (or was found damaged): nobody took the mark away.

    A killed process leaves the mark too, but what it wrote is with the system, which still runs.
    """
    try:
        marked = (folder / MARK).read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return not marked or marked != _boot()


def mark_running(folder: Path, *, damaged: bool = False) -> None:
    """Leave the mark, durably."""
    with (folder / MARK).open("w", encoding="ascii") as stream:
        stream.write(_DAMAGED if damaged else _boot())
        stream.flush()
        os.fsync(stream.fileno())


def mark_stopped(folder: Path) -> None:
    (folder / MARK).unlink(missing_ok=True)


def _boot() -> str:
    """What this run of the machine is called; empty where systems do not say."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class Lookout(threading.Thread):
    """Reads the whole database once, soon after the start; calls ``on_damage`` from its thread when it is broken."""

    def __init__(self, engine: Engine, on_damage: Callable[[str], None], *, first_look_s: float = FIRST_LOOK_S) -> None:
        super().__init__(name="soundness", daemon=True)
        self._engine, self._on_damage, self._first_look_s = engine, on_damage, first_look_s
        self._over = threading.Event()
        self._looking: sqlite3.Connection | None = None

    def run(self) -> None:
        if self._over.wait(self._first_look_s):
            return
        with _driver(self._engine) as connection:
            self._looking = connection
            try:
                verdict = damage_of(connection)
            except sqlite3.OperationalError as error:
                if not self._over.is_set():  # else interrupted by ``stop``
                    log.warning("database.not_looked_through", reason=repr(error))
                return
            finally:
                self._looking = None
        if verdict:
            log.error("database.damaged", verdict=verdict)
            self._on_damage(verdict)

    def stop(self) -> None:
        """End at once, also in the middle of a large database."""
        self._over.set()
        if looking := self._looking:
            looking.interrupt()
        if self.is_alive() and threading.current_thread() is not self:
            self.join()
