"""Headers, cross-site protection and size limits around every request of the application's origin."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tongke.config import Settings
from tongke.i18n import choose_locale, say

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
FORM_LIMIT_BYTES = 2 * 1024 * 1024
UNLIMITED_PATHS = re.compile(r"/api/v1/uploads|/upload|/resources/[^/]+/edit/files$")
"""Doors that take files; they have limits of their own."""


def content_security_policy(settings: Settings, *, frame_ancestors: str = "'none'") -> str:
    """Nothing inline, nothing evaluated, user content only from the second origin."""
    content = settings.content_url
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' {content}",
            f"media-src 'self' blob: {content}",
            f"connect-src 'self' {content}",
            f"frame-src {content}",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {frame_ancestors}",
        )
    )


class SecurityHeaders:
    """Adds the headers every answer carries; a handler that set one itself keeps it."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": content_security_policy(settings),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "strict-origin-when-cross-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            "X-Frame-Options": "DENY",
        }
        if settings.is_https:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SameOriginWrites:
    """Refuses writes that a browser sends from another site: Fetch Metadata first, then Origin.

    A request with a bearer token carries no ambient authority and passes.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.base = settings.base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not self._is_ours(Headers(scope=scope)):
            locale = choose_locale(Headers(scope=scope).get("accept-language"))
            text = say("这个请求来自别的网站，已拒绝。请回到本站再试。").in_locale(locale)
            await PlainTextResponse(text, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        if headers.get("authorization", "").lower().startswith("bearer "):
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin = headers.get("origin")
        if origin is None:
            return True  # not a browser: browsers send one of the two with every write
        return origin == self.base or urlsplit(origin).netloc == headers.get("host")


class BodyLimit:
    """Refuses bodies over ``FORM_LIMIT_BYTES`` at every door that takes no files, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or UNLIMITED_PATHS.match(scope["path"]):
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > FORM_LIMIT_BYTES:
            await self._refuse(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > FORM_LIMIT_BYTES:
                return {"type": "http.disconnect"}
            return message

        await self.app(scope, counted, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        locale = choose_locale(Headers(scope=scope).get("accept-language"))
        text = say("提交的内容太长（上限 2 MB）。文件请从“上传”页面提交。").in_locale(locale)
        await PlainTextResponse(text, 413)(scope, receive, send)
