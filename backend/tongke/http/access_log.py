"""Who asked for what, when, from which address and port: a line of JSON for every request.

Network logs are to be kept for 180 days with the source port. What a log must not know is not in it: queries (people
are searched for by name), secrets in addresses, and who a pupil is.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.accounts.models import Role

_LONGEST_NAME = 20
"""A longer segment of a path that is no id may be a secret: a signature, a one-time code."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")


class AccessLog:
    """Tells ``write`` of every request when its answer ends; stands inside what finds the client's address."""

    def __init__(self, app: ASGIApp, origin: str, write: Callable[[str], None]) -> None:
        self.app, self.origin, self.write = app, origin, write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        status, size, started = 500, 0, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            took_ms = round((time.perf_counter() - started) * 1000, 1)
            line = {**self._asked(scope), **_who(state.get("actor", ANONYMOUS))}
            self.write(json.dumps({**line, "status": status, "bytes": size, "ms": took_ms}, ensure_ascii=False))

    def _asked(self, scope: Scope) -> dict[str, Any]:
        address, port = scope.get("client") or ("", 0)
        return {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "event": "http.request",
            "origin": self.origin,
            "address": address,
            "port": port,
            "method": scope["method"],
            "path": told_path(scope["path"]),
        }


def told_path(path: str) -> str:
    """``path`` with every long segment that is no id left out."""
    return "/".join(s if len(s) <= _LONGEST_NAME or _is_id(s) else "…" for s in path.split("/"))


def _is_id(segment: str) -> bool:
    """A UUID as we write it, or the digest of a file."""
    return _ID.fullmatch(segment) is not None


def _who(actor: Actor) -> dict[str, str | None]:
    """Whoever is signed in, by id; of a pupil only that it was one."""
    if actor.role is Role.PUPIL:
        return {"actor": None, "role": Role.PUPIL.value}
    return {"actor": str(actor.user_id) if actor.user_id else None, "role": actor.role.value if actor.role else None}
