"""Objects as files below one directory: the embedded profile's store."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO
from uuid import uuid4

from tongke.errors import BlobNotFound, StorageFull, StorageUnavailable
from tongke.i18n import say
from tongke.storage.base import BlobStat, checked_key

PIECE_BYTES = 1024 * 1024
_NO_ROOM = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class LocalStore:
    """Files named by their key. A file appears whole: written beside, synced, renamed, the directory synced."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()
        self.workspace = self.root / ".incoming"
        self.workspace.mkdir(exist_ok=True)

    def put(
        self,
        key: str,
        source: Path,
        *,
        media_type: str = "application/octet-stream",  # noqa: ARG002 - files carry no type
        adopt: bool = False,
    ) -> None:
        with translated(key), self._arriving(key) as arriving:
            if not (adopt and _shared(source, arriving)):
                with source.open("rb") as origin, arriving.open("xb") as stream:
                    shutil.copyfileobj(origin, stream, PIECE_BYTES)
                    sync_file(stream)

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        with translated(key):
            return _pieces(self.open(key), start, length)

    def stat(self, key: str) -> BlobStat:
        with translated(key):
            return _stat(key, self.path_of(key).stat(follow_symlinks=False))

    def delete(self, key: str) -> None:
        path = self.path_of(key)
        with translated(key):
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self.root or not _removed(folder):
                    break

    def keys(self, prefix: str) -> Iterator[BlobStat]:
        with translated(prefix):
            yield from _below(self.root, "", prefix)

    def compose(self, key: str, parts: list[str], *, media_type: str = "application/octet-stream") -> None:  # noqa: ARG002
        with translated(key), self._arriving(key) as arriving, arriving.open("xb") as stream:
            for part in parts:
                with self.open(part) as origin:
                    shutil.copyfileobj(origin, stream, PIECE_BYTES)
            sync_file(stream)

    def free_bytes(self) -> int | None:
        return shutil.disk_usage(self.root).free

    def path_of(self, key: str) -> Path:
        """The file of ``key``; raises ``BlobNotFound`` when a link stands anywhere in its way."""
        path = self.root / checked_key(key)
        if path.parent.resolve() != path.parent or path.is_symlink():
            raise BlobNotFound(key)
        return path

    def open(self, key: str) -> BinaryIO:
        """The object as a binary file, for those who serve it from this disk."""
        with translated(key):
            return os.fdopen(os.open(self.path_of(key), os.O_RDONLY | _NO_FOLLOW), "rb", buffering=0)

    def clean_workspace(self, older_than: datetime) -> None:
        """Remove what killed writers left half-written before ``older_than``."""
        for left in self.workspace.glob("put-*"):
            if left.stat().st_mtime < older_than.timestamp():
                left.unlink(missing_ok=True)

    @contextmanager
    def _arriving(self, key: str) -> Iterator[Path]:
        """A path to write to; the file is under ``key``, durably, when the block ends."""
        path = self.path_of(key)
        arriving = self.workspace / f"put-{uuid4().hex}"
        try:
            yield arriving
            _make_folders(path.parent, self.root)
            arriving.replace(path)
            os.utime(path)  # replacing a file by another name of the same file changes nothing, not even its age
            sync_folder(path.parent)
        finally:
            arriving.unlink(missing_ok=True)


def sync_file(stream: BinaryIO) -> None:
    """Return when what was written is on the disk."""
    stream.flush()
    getattr(os, "fdatasync", os.fsync)(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in ``folder`` are on the disk; Windows keeps names without being asked."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Say what the file system says in our words."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise BlobNotFound(key) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise BlobNotFound(key) from None
        if error.errno in _NO_ROOM:
            raise StorageFull(say("存储空间已满，请联系管理员清理后再试。")) from error
        raise StorageUnavailable from error


def _shared(source: Path, arriving: Path) -> bool:
    """Whether ``arriving`` is now another name of the synced ``source``: nothing was copied."""
    with source.open("r+b") as stream:
        sync_file(stream)
    try:
        os.link(source, arriving)
    except OSError:  # another disk, or a file system without links: the caller copies
        return False
    return True


def _make_folders(folder: Path, root: Path) -> None:
    if folder.is_dir():
        return
    _make_folders(folder.parent, root)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:  # not empty, or somebody is just writing into it
        return False
    return True


def _pieces(stream: BinaryIO, start: int, length: int | None) -> Iterator[bytes]:
    with stream:
        stream.seek(start)
        left = length
        while left is None or left > 0:
            piece = stream.read(PIECE_BYTES if left is None else min(PIECE_BYTES, left))
            if not piece:
                return
            left = None if left is None else left - len(piece)
            yield piece


def _stat(key: str, found: os.stat_result) -> BlobStat:
    if not S_ISREG(found.st_mode):
        raise BlobNotFound(key)
    return BlobStat(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _below(folder: Path, base: str, prefix: str) -> Iterator[BlobStat]:
    """Depth first; what vanishes meanwhile is left out."""
    try:
        with os.scandir(folder) as found:
            entries = {e.name + "/" if e.is_dir(follow_symlinks=False) else e.name: e for e in found}
    except FileNotFoundError:
        return
    for name, entry in entries.items():
        key = base + name
        if name.startswith(".") or not (key.startswith(prefix) or (name.endswith("/") and prefix.startswith(key))):
            continue
        if name.endswith("/"):
            yield from _below(Path(entry.path), key, prefix)
        elif entry.is_file(follow_symlinks=False):
            with suppress(FileNotFoundError):
                yield _stat(key, entry.stat(follow_symlinks=False))
