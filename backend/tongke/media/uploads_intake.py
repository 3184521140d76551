"""The bytes of one request on their way to the disk: hashed and written in a thread while the next ones arrive."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tongke.errors import TooLarge
from tongke.i18n import say
from tongke.media.uploads_lease import Lease
from tongke.storage.spool import CHECKPOINT_BYTES, Spool

if TYPE_CHECKING:
    from hashlib import _Hash

BATCH_BYTES = 1024 * 1024
LONGEST_WAIT_S = 2.0
"""A slow line's bytes are written after this long, however few; well below the lease."""
PATIENCE_S = 90.0
"""A line that sends nothing for this long is taken for dead."""
_REMEMBERED = 256

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Digests:
    """Running SHA-256 of the uploads of which this process has seen every byte so far."""

    def __init__(self) -> None:
        self._running: OrderedDict[UUID, tuple[int, _Hash]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, upload_id: UUID, offset: int) -> _Hash | None:
        """The hash of exactly the first ``offset`` bytes, if it is known here."""
        with self._lock:
            reached, running = self._running.pop(upload_id, (0, hashlib.sha256()))
        return running if reached == offset else None

    def keep(self, upload_id: UUID, offset: int, running: _Hash) -> None:
        with self._lock:
            self._running[upload_id] = (offset, running)
            while len(self._running) > _REMEMBERED:
                self._running.popitem(last=False)


digests = Digests()


class Intake:
    """One request's bytes. Used from one thread at a time."""

    def __init__(self, spool: Spool, lease: Lease, offset: int) -> None:
        self.lease, self.offset, self.length = lease, offset, lease.upload.length_bytes
        self._writer = spool.writer(str(lease.upload.id), offset)
        self._hash = digests.take(lease.upload.id, offset)

    def take(self, pieces: list[bytes]) -> None:
        """Keep ``pieces``; raises ``Locked`` before writing when the upload is no longer ours."""
        size = sum(map(len, pieces))
        if self.offset + size > self.length:
            raise TooLarge(say("收到的内容比声明的长度（{length} 字节）多。", length=self.length))
        self.lease.keep(self.offset)
        running, self._hash = self._hash, None  # forgotten, should the write fail halfway
        self._writer.write(pieces)
        if running is not None:
            for piece in pieces:
                running.update(piece)
        self._hash = running
        self.offset += size

    def end(self) -> str | None:
        """Make everything durable; returns the SHA-256 when all bytes have come and were seen here."""
        try:
            self.offset = self._writer.checkpoint()
        finally:
            self._writer.close()
        if self._hash is None:
            return None
        if self.offset == self.length:
            return self._hash.hexdigest()
        digests.keep(self.lease.upload.id, self.offset, self._hash)
        return None


async def pour(receive: Receive, intake: Intake) -> None:
    """Take every byte of the request into ``intake``; returns when it ends, and also when its line dies."""
    stream = _Stream(intake)
    try:
        async with asyncio.timeout(PATIENCE_S) as patience:
            while (message := await receive())["type"] == "http.request":
                stream.add(message.get("body", b""))
                if not message.get("more_body", False):
                    break
                if stream.is_due():
                    await stream.flush()
                    patience.reschedule(stream.loop.time() + PATIENCE_S)
    except TimeoutError:
        pass  # a dead line: what came before is kept, as with one that was cut
    finally:
        await stream.close()


class _Stream:
    """Pieces gathered into batches; one batch is written while the next gathers."""

    def __init__(self, intake: Intake) -> None:
        self.intake, self.loop = intake, asyncio.get_running_loop()
        self.pieces: list[bytes] = []
        self.size, self.flushed_at = 0, self.loop.time()
        self.to_checkpoint = CHECKPOINT_BYTES
        self.writing: asyncio.Future[None] | None = None

    def add(self, piece: bytes) -> None:
        if piece:
            self.pieces.append(piece)
            self.size += len(piece)
            self.to_checkpoint -= len(piece)

    def is_due(self) -> bool:
        """A full batch, a slow line, or enough for a checkpoint, which must not wait for the next piece."""
        if self.to_checkpoint <= 0:
            self.to_checkpoint += CHECKPOINT_BYTES
            return True
        return self.size >= BATCH_BYTES or self.loop.time() - self.flushed_at > LONGEST_WAIT_S

    async def flush(self) -> None:
        """Hand the gathered pieces over, once those before them are written."""
        pieces, self.pieces, self.size, self.flushed_at = self.pieces, [], 0, self.loop.time()
        await self._settle()
        if pieces:
            self.writing = self.loop.run_in_executor(None, self.intake.take, pieces)

    async def close(self) -> None:
        await self.flush()
        await self._settle()

    async def _settle(self) -> None:
        if self.writing is not None:
            await asyncio.shield(self.writing)  # being cancelled must not leave a write running unwatched
            self.writing = None
