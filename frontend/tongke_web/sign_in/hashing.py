"""Where passwords are hashed: as many at once as there are processors, whoever waits holds no thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

_T = TypeVar("_T")
_limiter = CapacityLimiter(os.cpu_count() or 2)
"""Argon2 holds no lock of the interpreter: each of these is a processor at work and 19 MiB of memory."""


async def hashing(work: Callable[[], _T]) -> _T:
    return await anyio.to_thread.run_sync(work, limiter=_limiter)
