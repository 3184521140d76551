"""Who asks, when reverse proxies stand between: believed as far as ``TONGKE_PROXY_HOPS`` says, and no further."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)


class ClientAddress:
    """Puts the client's address where handlers look for it.

    Each proxy of ours adds the address it was asked from at the right of ``X-Forwarded-For``; what stands further left
    was written by a stranger. Too few entries: the request came past the proxies, and the line's own address counts.
    The nearest proxy may tell the client's port in ``X-Client-Port``, which network logs are to hold; behind several
    proxies it does not know it.
    """

    def __init__(self, app: ASGIApp, hops: int) -> None:
        self.app, self.hops = app, hops

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.hops and scope["type"] == "http":
            told = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
            entries = [entry.strip() for entry in told if entry.strip()]
            if len(entries) >= self.hops:
                scope = {**scope, "client": (entries[-self.hops], self._port(scope))}
        await self.app(scope, receive, send)

    def _port(self, scope: Scope) -> int:
        told = Headers(scope=scope).getlist("x-client-port")
        return int(told[0]) if self.hops == 1 and len(told) == 1 and _PORT.fullmatch(told[0]) else 0
