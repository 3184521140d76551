"""What the platform asks of an object store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BlobStat:
    key: str
    size_bytes: int


class BlobStore(Protocol):
    """Objects by key. A key is a relative POSIX path (``sha256/ab/cd/<hash>``, ``renditions/<hash>/hls/…``).

    Whatever a writing call returned for is durable, whole, and stays so through SIGKILL and a power cut.
    Errors: ``BlobNotFound``, ``StorageUnavailable``, ``StorageFull``.
    """

    def put(self, key: str, source: Path, *, media_type: str = "application/octet-stream") -> None:
        """Keep the bytes of ``source`` under ``key``, replacing what was there in one step."""

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start``, ``length`` of them or to the end, in pieces."""

    def stat(self, key: str) -> BlobStat:
        """The size of the object under ``key``."""

    def delete(self, key: str) -> None:
        """Remove the object if it is there."""

    def keys(self, prefix: str) -> Iterator[BlobStat]:
        """Every object below ``prefix``, in key order."""

    def compose(self, key: str, parts: list[str], *, media_type: str = "application/octet-stream") -> None:
        """Join stored objects into ``key``, in order, without the bytes passing through this process where possible."""

    def free_bytes(self) -> int | None:
        """Room left, or None where the store does not say."""


def blob_key(sha256: str) -> str:
    """Where bytes of that digest stand, once."""
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def rendition_key(sha256: str, kind: str, name: str) -> str:
    """Where a file of a rendition stands."""
    return f"renditions/{sha256[:2]}/{sha256}/{kind}/{name}"
