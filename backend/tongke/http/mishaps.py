"""What nobody foresaw: written down with its trace, and answered inside the guards like every other answer."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()


class Mishaps:
    """Logs an error that no handler knows and answers 500 by ``answer``; then raises it on, for tests to see.

    The server below says nothing of errors. The query is not logged: it may name people.
    """

    def __init__(self, app: ASGIApp, answer: Callable[[Request], Response]) -> None:
        self.app, self.answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_answering = False

        async def noting(message: Message) -> None:
            nonlocal is_answering
            is_answering = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:
            log.exception("http.failed", method=scope["method"], path=scope["path"])
            if not is_answering:
                await self._answer(Request(scope))(scope, receive, send)
            raise

    def _answer(self, request: Request) -> Response:
        try:
            return self.answer(request)
        except Exception:
            log.exception("http.failed_twice")  # the page that should have said so does not work either
            return PlainTextResponse("500", 500)
