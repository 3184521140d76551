"""Asking a provider: short patience, few bytes, no redirects."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import urllib3

CONNECT_S, READ_S, PATIENCE_S = 3.0, 5.0, 8.0
LONGEST_BYTES = 512 * 1024
_OK = 200


class FetchFailed(Exception):
    """No usable answer; the text says why, for the log and the doctor."""


@lru_cache
def _pool() -> urllib3.PoolManager:
    import urllib3  # slow import: only a platform with identity providers asks anybody

    timeout = urllib3.Timeout(connect=CONNECT_S, read=READ_S)
    return urllib3.PoolManager(num_pools=8, maxsize=4, timeout=timeout, retries=False)


def fetch(method: str, url: str, *, headers: Mapping[str, str], body: str | None = None) -> dict[str, Any]:
    """The JSON object that answers; raises ``FetchFailed`` for anything else."""
    import urllib3  # slow import: as above

    deadline = time.monotonic() + PATIENCE_S
    sent = {"Accept": "application/json", "User-Agent": "tongke", **headers}
    try:
        answer = _pool().request(method, url, headers=sent, body=body, redirect=False, preload_content=False)
        try:
            content = _read(answer, deadline)
        finally:
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise FetchFailed(f"{type(error).__name__}") from error
    return _object(answer.status, content)


def _read(answer: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    content = b""
    for piece in answer.stream(16 * 1024, decode_content=True):
        content += piece
        if len(content) > LONGEST_BYTES:
            raise FetchFailed("the answer is too long")
        if time.monotonic() > deadline:
            raise FetchFailed("the answer takes too long")
    return content


def _object(status: int, content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
    except ValueError:
        told = None
    if status != _OK:
        error = told.get("error") if isinstance(told, dict) else None
        raise FetchFailed(f"status {status}{f' {error}' if isinstance(error, str) else ''}")
    if not isinstance(told, dict):
        raise FetchFailed("the answer is not a JSON object")
    return told
