"""Where the bytes of open uploads lie until they are whole: one growing file, or parts in an object store."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from tongke.storage.base import BlobStat, BlobStore
from tongke.storage.local import LocalStore, sync_file, sync_folder, translated

CHECKPOINT_BYTES = 5 * 1024 * 1024
"""No more than this is lost when everything is killed; also the smallest part S3 joins by itself."""
PARTS_PREFIX = "incoming/"
_MOST_PIECES = 512  # the system takes 1,024 in one call


@dataclass(frozen=True, slots=True)
class Spooled:
    """An upload that has bytes here."""

    upload: str
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Whole:
    """An upload's bytes as a file on this machine; ``parts`` are the objects that joined are the same bytes."""

    path: Path
    parts: tuple[str, ...] = ()


class SpoolWriter(Protocol):
    """One request's way into an upload."""

    def write(self, pieces: list[bytes]) -> None:
        """Append; every ``CHECKPOINT_BYTES`` at the latest what was written becomes durable."""

    def checkpoint(self) -> int:
        """Make all that was written durable; returns the offset reached."""

    def close(self) -> None:
        """Let go; what was written since the last checkpoint may be lost."""


class Spool(Protocol):
    """Bytes of open uploads. The database's lease keeps two writers apart, not the spool."""

    def kept_bytes(self, upload: str) -> int:
        """How many bytes, from the first on, are there."""

    def writer(self, upload: str, offset: int) -> SpoolWriter:
        """Continue ``upload`` at ``offset``, which is what ``kept_bytes`` said."""

    def whole(self, upload: str) -> AbstractContextManager[Whole]:
        """All bytes, while the context lasts; nobody writes to them any more."""

    def discard(self, upload: str) -> None:
        """Forget the bytes."""

    def uploads(self) -> Iterator[Spooled]:
        """Every upload that has bytes here."""


def open_spool(store: BlobStore) -> Spool:
    """A file beside the objects where they are files; objects where no disk is shared."""
    return FileSpool(store) if isinstance(store, LocalStore) else PartSpool(store)


class FileSpool:
    """One file an upload, appended to and synced. A file never seems longer than what its file system has kept."""

    def __init__(self, store: LocalStore) -> None:
        self.folder = store.workspace

    def kept_bytes(self, upload: str) -> int:
        path = self._path(upload)
        return path.stat().st_size if path.exists() else 0

    def writer(self, upload: str, offset: int) -> FileWriter:
        with translated(upload):
            return FileWriter(self._path(upload), offset)

    @contextmanager
    def whole(self, upload: str) -> Iterator[Whole]:
        yield Whole(self._path(upload))

    def discard(self, upload: str) -> None:
        self._path(upload).unlink(missing_ok=True)

    def uploads(self) -> Iterator[Spooled]:
        for path in self.folder.glob("upload-*"):
            moment = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield Spooled(path.name.removeprefix("upload-"), moment)

    def _path(self, upload: str) -> Path:
        return self.folder / f"upload-{upload}"


class FileWriter:
    """Writes go on while a thread of its own waits for the disk; never more than two checkpoints are outstanding."""

    def __init__(self, path: Path, offset: int) -> None:
        is_new = not path.exists()
        self._file = path.open("wb" if is_new else "r+b", buffering=0)
        self._file.seek(offset)
        self._offset, self._unsynced = offset, 0
        self._disk = ThreadPoolExecutor(1, "upload-sync")
        self._syncing: Future[None] | None = None
        if is_new:
            sync_folder(path.parent)

    def write(self, pieces: list[bytes]) -> None:
        with translated(self._file.name):
            for first in range(0, len(pieces), _MOST_PIECES):
                self._write_some(pieces[first : first + _MOST_PIECES])
            if self._unsynced >= CHECKPOINT_BYTES // 2:
                self._settle()
                self._syncing = self._disk.submit(sync_file, self._file)
                self._unsynced = 0

    def checkpoint(self) -> int:
        with translated(self._file.name):
            self._settle()
            if self._unsynced:
                sync_file(self._file)
                self._unsynced = 0
        return self._offset

    def close(self) -> None:
        self._disk.shutdown()
        self._file.close()

    def _settle(self) -> None:
        syncing, self._syncing = self._syncing, None
        if syncing is not None:
            syncing.result()

    def _write_some(self, pieces: list[bytes]) -> None:
        wanted = sum(map(len, pieces))
        written = os.writev(self._file.fileno(), pieces) if hasattr(os, "writev") else 0
        if written < wanted:  # a disk nearly full, a signal, or Windows
            rest = memoryview(b"".join(pieces))[written:]
            while rest:
                rest = rest[self._file.write(rest) :]
        self._offset += wanted
        self._unsynced += wanted


class PartSpool:
    """Parts under ``incoming/<upload>/<offset>-<writer>``: no writer ever replaces what another one has kept."""

    def __init__(self, store: BlobStore) -> None:
        self.store = store

    def kept_bytes(self, upload: str) -> int:
        return sum(part.size_bytes for part in self._chain(upload))

    def writer(self, upload: str, offset: int) -> PartWriter:
        return PartWriter(self.store, f"{PARTS_PREFIX}{upload}/", offset)

    @contextmanager
    def whole(self, upload: str) -> Iterator[Whole]:
        parts = tuple(part.key for part in self._chain(upload))
        with tempfile.TemporaryDirectory(prefix="tongke-") as folder:
            path = Path(folder) / "whole"
            with translated(upload), path.open("wb") as stream:
                for part in parts:
                    stream.writelines(self.store.read(part))
            yield Whole(path, parts)

    def discard(self, upload: str) -> None:
        for part in list(self.store.keys(f"{PARTS_PREFIX}{upload}/")):
            self.store.delete(part.key)

    def uploads(self) -> Iterator[Spooled]:
        newest: dict[str, datetime] = {}
        for part in self.store.keys(PARTS_PREFIX):
            upload = part.key.split("/")[1]
            newest[upload] = max(part.modified_at, newest.get(upload, part.modified_at))
        for upload, moment in newest.items():
            yield Spooled(upload, moment)

    def _chain(self, upload: str) -> list[BlobStat]:
        """The parts, without a gap, that lead furthest from the first byte.

        A writer who lost its lease may have left one that leads nowhere.
        """
        furthest: dict[int, tuple[int, list[BlobStat]]] = {}
        found = [part for part in self.store.keys(f"{PARTS_PREFIX}{upload}/") if part.size_bytes]
        for part in sorted(found, key=_offset, reverse=True):
            end = _offset(part) + part.size_bytes
            reached = furthest.get(end, (end, []))
            if reached[0] > furthest.get(_offset(part), (0, []))[0]:
                furthest[_offset(part)] = (reached[0], [part, *reached[1]])
        return furthest.get(0, (0, []))[1]


def _offset(part: BlobStat) -> int:
    return int(part.key.rpartition("/")[2].partition("-")[0], 16)


class PartWriter:
    """Collects a part on this machine's disk, not in memory, and sends it when it is large enough."""

    def __init__(self, store: BlobStore, prefix: str, offset: int) -> None:
        self._store, self._prefix, self._offset = store, prefix, offset
        self._token = uuid4().hex[:12]
        self._folder = tempfile.TemporaryDirectory(prefix="tongke-")
        self._path = Path(self._folder.name) / "part"
        self._file = self._path.open("w+b", buffering=0)
        self._collected = 0

    def write(self, pieces: list[bytes]) -> None:
        with translated(self._prefix):
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    room = CHECKPOINT_BYTES - self._collected
                    taken = self._file.write(rest[:room])
                    self._collected += taken
                    rest = rest[taken:]
                    if self._collected == CHECKPOINT_BYTES:
                        self.checkpoint()

    def checkpoint(self) -> int:
        if self._collected:
            self._store.put(f"{self._prefix}{self._offset:016x}-{self._token}", self._path)
            self._offset += self._collected
            self._file.seek(0)
            self._file.truncate()
            self._collected = 0
        return self._offset

    def close(self) -> None:
        self._file.close()
        self._folder.cleanup()
