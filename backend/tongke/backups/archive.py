"""A backup is one tar file that ends in a seal: the digest of every member, named by its own.

Members stand in order: ``manifest.json``, ``tables/<name>.jsonl.gz``, ``objects/<key>``, ``seal/<sha256>``. A file that
was cut has no seal; one that was changed anywhere disagrees with it. Any tar program reads it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import BadGzipFile
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast
from uuid import uuid4

from tongke.errors import Conflict, StorageFull, TongkeError
from tongke.i18n import say
from tongke.storage.local import sync_file, sync_folder

MANIFEST = "manifest.json"
SEAL_PREFIX = "seal/"
PIECE_BYTES = 1024 * 1024
_LARGEST_MANIFEST = 16 * PIECE_BYTES


class BackupDamaged(TongkeError):
    """The file is cut, changed, or no backup of ours."""

    status, code, title = 422, "backup-damaged", say("备份文件不完整")


@dataclass(frozen=True, slots=True)
class Member:
    """What the seal says of one member."""

    name: str
    size_bytes: int
    sha256: str


class ArchiveWriter:
    """Writes beside ``path`` and takes its name when sealed; leaving the block any other way leaves nothing."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise Conflict(say("{path} 已经存在，请换一个文件名。", path=str(path)))
        self.path, self._partial = path, path.with_name(f".{path.name}.{uuid4().hex[:8]}.partial")
        self._members: list[Member] = []

    def __enter__(self) -> Self:
        descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        self._file = os.fdopen(descriptor, "wb", buffering=PIECE_BYTES)
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)
        self._tar.copybufsize = PIECE_BYTES  # type: ignore[attr-defined] # documented, missing in the stubs
        return self

    def add(self, name: str, size_bytes: int, pieces: Iterable[bytes]) -> Member:
        """Copy ``pieces``, which are ``size_bytes`` long together, under ``name``."""
        source = _Hashed(iter(pieces))
        try:
            self._tar.addfile(_header(name, size_bytes), cast("IO[bytes]", source))
        except OSError as error:
            raise StorageFull(say("写不下备份：{reason}", reason=str(error))) from error
        self._tar.members.clear()  # type: ignore[attr-defined] # a list of everything, which nobody reads here
        member = Member(name, size_bytes, source.digest.hexdigest())
        self._members.append(member)
        return member

    def add_bytes(self, name: str, content: bytes) -> Member:
        return self.add(name, len(content), [content])

    def seal(self) -> int:
        """Write the seal, make the file durable and give it its name; returns its size in bytes."""
        lines = "".join(json.dumps([m.name, m.size_bytes, m.sha256]) + "\n" for m in self._members).encode()
        self.add_bytes(SEAL_PREFIX + hashlib.sha256(lines).hexdigest(), lines)
        self._tar.close()
        sync_file(cast("io.BufferedWriter", self._file))
        self._file.close()
        self._partial.rename(self.path)
        sync_folder(self.path.parent)
        return self.path.stat().st_size

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._partial.unlink(missing_ok=True)


@contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """What reading a damaged member raises, as ``BackupDamaged``: for everybody who reads one."""
    try:
        yield
    except (tarfile.TarError, EOFError, UnicodeDecodeError, BadGzipFile, zlib.error) as error:
        raise _damaged(path) from error


def members(path: Path) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    """Every member with its bytes, in order, the seal included; each is read before the next is asked for."""
    with damage_told(path), path.open("rb", buffering=PIECE_BYTES) as file, _tar(file) as tar:
        for info in tar:
            source = tar.extractfile(info) if info.isreg() else None
            if source is None:
                raise _damaged(path)
            yield info, source
            tar.members.clear()  # type: ignore[attr-defined] # see ArchiveWriter.add


def verified(path: Path, on_bytes: Callable[[int], object] = lambda _n: None) -> dict[str, Member]:
    """Read the whole file; its members by name, when all of them and their order are what the seal says.

    ``on_bytes(n)`` is called with the number of bytes read since the last call. Raises ``BackupDamaged``.
    """
    with damage_told(path):
        found, sealed = _read_through(path, on_bytes)
    if sealed is None or sealed != found or not found or found[0].name != MANIFEST:
        raise _damaged(path)
    return {member.name: member for member in found}


def _read_through(path: Path, on_bytes: Callable[[int], object]) -> tuple[list[Member], list[Member] | None]:
    """Every member as it is, and what the seal says of them: None where there is none."""
    found: list[Member] = []
    sealed: list[Member] | None = None
    for info, source in members(path):
        if sealed is not None:
            raise _damaged(path)
        digest, kept = hashlib.sha256(), bytearray()
        is_seal = info.name.startswith(SEAL_PREFIX)
        for piece in pieces_of(source):
            digest.update(piece)
            if is_seal:
                kept += piece
            on_bytes(len(piece))
        if is_seal:
            sealed = _sealed(path, info.name, digest.hexdigest(), bytes(kept))
        else:
            found.append(Member(info.name, info.size, digest.hexdigest()))
    return found, sealed


def read_manifest(path: Path) -> bytes:
    """The first member, which says what the rest is; raises ``BackupDamaged`` when it is something else."""
    with damage_told(path):
        for info, source in members(path):
            if info.name == MANIFEST and info.size <= _LARGEST_MANIFEST:
                return source.read()
            break
    raise _damaged(path)


def pieces_of(source: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a member, a piece at a time."""
    while piece := source.read(PIECE_BYTES):
        yield piece


def _sealed(path: Path, name: str, digest: str, content: bytes) -> list[Member]:
    if name != SEAL_PREFIX + digest:
        raise _damaged(path)
    return [Member(*json.loads(line)) for line in content.splitlines()]


def _tar(file: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(fileobj=file, mode="r|", bufsize=PIECE_BYTES)


def _header(name: str, size_bytes: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size_bytes, 0o600
    return info


def _damaged(path: Path) -> BackupDamaged:
    return BackupDamaged(say("{path} 不是完整的同课备份：文件被截断或改动过。没有写入任何东西。", path=str(path)))


class _Hashed:
    """Pieces as a file that is read once; hashes what passes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest, self.digest = pieces, b"", hashlib.sha256()

    def read(self, size: int) -> bytes:
        parts, wanted = [], size
        while wanted:
            if not self._rest:
                self._rest = next(self._pieces, b"")
                if not self._rest:
                    break
                self.digest.update(self._rest)
            part = self._rest[:wanted] if len(self._rest) > wanted else self._rest
            self._rest = self._rest[len(part) :]
            parts.append(part)
            wanted -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)
