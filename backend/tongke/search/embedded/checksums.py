"""Whether the index's files hold what was written: each ends with a checksum that tantivy does not compare itself."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from tongke.search.base import IndexDamaged

_MAGIC = 1337
_TAIL = struct.Struct("<II")
_SUFFIXES = ("idx", "pos", "term", "store", "fast", "fieldnorm")
_PIECE = 1 << 20


def check_files(folder: Path, *, at_most_bytes: int | None = None) -> None:
    """Raise ``IndexDamaged`` when a file is missing, cut or changed; indexes over ``at_most_bytes`` are let through."""
    while True:
        meta = _meta(folder)
        try:
            _check_all(folder, meta, at_most_bytes)
        except (IndexDamaged, FileNotFoundError) as error:
            if _meta(folder) == meta:
                raise IndexDamaged from error
        else:
            return  # else another process committed and cleaned up while we read


def _meta(folder: Path) -> bytes:
    try:
        return (folder / "meta.json").read_bytes()
    except OSError as error:
        raise IndexDamaged from error


def _check_all(folder: Path, meta: bytes, at_most_bytes: int | None) -> None:
    files = [folder / name for name in _names(meta)]
    if sum(path.stat().st_size for path in files) <= (at_most_bytes or math.inf):
        for path in files:
            _check(path)


def _names(meta: bytes) -> Iterator[str]:
    """The files that a commit refers to."""
    try:
        for segment in json.loads(meta)["segments"]:
            stem = segment["segment_id"].replace("-", "")
            yield from (f"{stem}.{suffix}" for suffix in _SUFFIXES)
            if segment["deletes"]:
                yield f"{stem}.{segment['deletes']['opstamp']}.del"
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged from error


def _check(path: Path) -> None:
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        try:
            stream.seek(size - _TAIL.size)
            length, magic = _TAIL.unpack(stream.read(_TAIL.size))
            body = size - _TAIL.size - length
            stream.seek(body)
            expected = json.loads(stream.read(length))["crc"]
        except (OSError, ValueError, KeyError, struct.error) as error:
            raise IndexDamaged from error
        stream.seek(0)
        found = 0
        while body > 0 and (piece := stream.read(min(_PIECE, body))):
            found = zlib.crc32(piece, found)
            body -= len(piece)
    if magic != _MAGIC or found != expected:
        raise IndexDamaged
