"""Where identity providers are asked: one that hangs holds these threads, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

_T = TypeVar("_T")
_limiter = CapacityLimiter(4)


async def asking(work: Callable[[], _T]) -> _T:
    return await anyio.to_thread.run_sync(work, limiter=_limiter)
