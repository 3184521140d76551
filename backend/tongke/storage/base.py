"""What the platform asks of an object store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

_UNSAFE = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')  # what Windows, too, could take for something else
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class BlobStat:
    key: str
    size_bytes: int
    modified_at: datetime


class BlobStore(Protocol):
    """Objects by key. A key is a relative POSIX path (``sha256/ab/cd/<hash>``, ``renditions/<hash>/hls/…``).

    Whatever a writing call returned for is durable, whole, and stays so through SIGKILL and a power cut.
    Errors: ``BlobNotFound``, ``StorageUnavailable``, ``StorageFull``; ``ValueError`` for a key that is no such path.
    """

    def put(self, key: str, source: Path, *, media_type: str = "application/octet-stream", adopt: bool = False) -> None:
        """Keep the bytes of ``source`` under ``key``, replacing what was there in one step.

        ``adopt``: the caller never writes to ``source`` again, so a store on the same disk may share its bytes.
        """

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start``, ``length`` of them or to the end; a missing object raises at the call."""

    def stat(self, key: str) -> BlobStat:
        """The size of the object under ``key``."""

    def delete(self, key: str) -> None:
        """Remove the object if it is there."""

    def keys(self, prefix: str) -> Iterator[BlobStat]:
        """Every object whose key begins with ``prefix``, once, in no order: an S3 on a file tree sorts by folder."""

    def compose(self, key: str, parts: list[str], *, media_type: str = "application/octet-stream") -> None:
        """Join stored objects into ``key``, in order, without the bytes passing through this process where possible."""

    def free_bytes(self) -> int | None:
        """Room left, or None where the store does not say."""


def checked_key(key: str) -> str:
    """``key`` itself; raises ``ValueError`` when it could lead outside the store or names something hidden."""
    names = key.split("/")
    if any(not name or name.startswith(".") or len(name) > _LONGEST_NAME for name in names) or _UNSAFE.search(key):
        raise ValueError(f"not an object key: {key!r}")
    return key


def blob_key(sha256: str) -> str:
    """Where bytes of that digest stand, once."""
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def rendition_key(sha256: str, kind: str, name: str) -> str:
    """Where a file of a rendition stands."""
    return f"renditions/{sha256[:2]}/{sha256}/{kind}/{name}"
