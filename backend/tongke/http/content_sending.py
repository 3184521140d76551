"""Bytes on their way out, for as long as somebody is there to take them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PIECE_BYTES = 512 * 1024
Send = Callable[[Any], Awaitable[None]]
Receive = Callable[[], Awaitable[Any]]
_NO_WAIT = getattr(os, "RWF_NOWAIT", None)


@dataclass(frozen=True, slots=True)
class Bytes:
    """A span of a file."""

    path: Path
    start: int
    length: int


async def send_file(span: Bytes, start: dict[str, object], receive: Receive, send: Send, *, path_send: bool) -> None:
    """Send the span; a whole file by the server itself where it can (``path_send``)."""
    if path_send:
        await send(start)
        await send({"type": "http.response.pathsend", "path": str(span.path)})
        return
    descriptor = os.open(span.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        await send(start)
        async with _watched(receive) as gone:
            offset, end = span.start, span.start + span.length
            while offset < end and not gone.done():
                piece = await _piece(descriptor, offset, min(PIECE_BYTES, end - offset))
                if not piece:
                    raise OSError(f"{span.path} is shorter than it was")
                offset += len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": offset < end})
    finally:
        os.close(descriptor)


async def send_pieces(pieces: Iterator[bytes], start: dict[str, object], receive: Receive, send: Send) -> None:
    """Send what an iterator gives, which may wait for a network: it runs in threads."""
    await send(start)
    async with _watched(receive) as gone:
        while not gone.done():
            piece = await asyncio.to_thread(next, pieces, None)
            if piece is None:
                await send({"type": "http.response.body", "body": b""})
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _piece(descriptor: int, offset: int, size: int) -> bytes:
    """What the system has at hand is taken at once; what must come from the disk is waited for in a thread."""
    if _NO_WAIT is not None:
        buffer = bytearray(size)
        with contextlib.suppress(OSError):  # not at hand, or a file system that does not say
            count = os.preadv(descriptor, [buffer], offset, _NO_WAIT)
            if count:
                return bytes(buffer) if count == size else bytes(buffer[:count])
    return await asyncio.to_thread(_read, descriptor, offset, size)


def _read(descriptor: int, offset: int, size: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    return os.read(descriptor, size)


@contextlib.asynccontextmanager
async def _watched(receive: Receive) -> AsyncIterator[asyncio.Future[None]]:
    """A future that is done when the reader has gone away."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    watch = asyncio.ensure_future(gone())
    try:
        yield watch
    finally:
        watch.cancel()
