"""ISO base media files (mp4, mov, m4a, HEIC): their boxes, read without decoding anything."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tongke.media import refusals
from tongke.media.refusals import refuse

MAX_BOXES = 200_000
HEADER = 8
FIRST_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"sidx", b"moof"})
_FRAGMENTED = frozenset({b"moof", b"mfra", b"sidx", b"styp"})


@dataclass(frozen=True, slots=True)
class Box:
    kind: bytes
    start: int
    """Where the box begins."""
    body: int
    """Where its content begins."""
    end: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What the boxes say: the brands, and which sorts of track there are (``vide``, ``soun``, …)."""

    brands: tuple[bytes, ...]
    tracks: frozenset[bytes]
    has_movie: bool


def boxes(stream: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between ``start`` and ``end``; raises ``RefusedContent`` where sizes make no sense."""
    position = start
    for _ in range(MAX_BOXES):
        if position + HEADER > end:
            return
        stream.seek(position)
        size, kind = struct.unpack(">I4s", stream.read(HEADER))
        body = position + HEADER
        if size == 1:
            size = int.from_bytes(stream.read(8), "big")
            body += 8
        elif size == 0:
            size = end - position
        if kind == b"\0\0\0\0" and size <= HEADER:
            return  # QuickTime ends lists with four zero bytes
        if size < body - position:
            raise refuse(refusals.DAMAGED)
        yield Box(kind, position, body, position + size)
        position += size
    raise refuse(refusals.DAMAGED)


def looks_like_boxes(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is ISO base media (old QuickTime files have no ``ftyp``)."""
    return head[4:8] in FIRST_BOXES and (head[4:8] == b"ftyp" or int.from_bytes(head[:4], "big") >= HEADER)


def outline(stream: BinaryIO, size: int) -> Outline:
    """Walk the boxes; raises ``RefusedContent`` when the file is cut off or its boxes are malformed."""
    brands: tuple[bytes, ...] = ()
    tracks: set[bytes] = set()
    has_movie = has_data = False
    for box in boxes(stream, 0, size):
        if box.end > size:
            if has_movie and box.kind not in {b"moov", b"mdat"}:
                break  # rubbish after the end, as some recorders leave it
            raise refuse(refusals.TRUNCATED)
        if box.kind == b"ftyp":
            brands = _brands(stream, box)
        elif box.kind == b"moov":
            has_movie = True
            tracks |= _tracks(stream, box)
        elif box.kind in _FRAGMENTED or box.kind in {b"mdat", b"meta"}:
            has_data = True
    if not has_movie and not _is_still(brands):
        raise refuse(refusals.TRUNCATED if has_data or brands else refusals.DAMAGED)
    return Outline(brands, frozenset(tracks), has_movie)


def _is_still(brands: tuple[bytes, ...]) -> bool:
    return bool({b"heic", b"heix", b"mif1", b"avif", b"msf1"} & set(brands))


def _brands(stream: BinaryIO, box: Box) -> tuple[bytes, ...]:
    stream.seek(box.body)
    content = stream.read(min(box.end - box.body, 256))
    return (content[:4], *(content[n : n + 4] for n in range(8, len(content) - 3, 4)))


def _tracks(stream: BinaryIO, movie: Box) -> set[bytes]:
    found = set()
    for track in _children(stream, movie, b"trak"):
        for media in _children(stream, track, b"mdia"):
            for handler in _children(stream, media, b"hdlr"):
                stream.seek(handler.body + 8)
                found.add(stream.read(4))
    return found


def _children(stream: BinaryIO, parent: Box, kind: bytes) -> Iterator[Box]:
    for box in boxes(stream, parent.body, parent.end):
        if box.end > parent.end:
            raise refuse(refusals.DAMAGED)
        if box.kind == kind:
            yield box
