"""The second origin: user content, by signed address, where it can do no harm. No cookies are read or set."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from tongke.config import Settings
from tongke.db import reading
from tongke.errors import NotFound, TongkeError
from tongke.http.content_ranges import Selection, select_range
from tongke.http.content_sending import Bytes, send_file, send_pieces
from tongke.i18n import choose_locale
from tongke.media.addresses import BundlePlace, Place, read_address
from tongke.media.bundle import Entry, entries_of, zip_of
from tongke.storage.base import BlobStat, BlobStore
from tongke.storage.local import LocalStore

METHODS = "GET, HEAD, OPTIONS"
_SHOWN = ("video/", "audio/", "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "text/plain")
_ALSO_SHOWN = ("text/vtt", "application/vnd.apple.mpegurl", "application/json")
_T = TypeVar("_T")


class ContentApp:
    """An ASGI application that needs nothing but the store; the database only for a zip of several files."""

    def __init__(self, settings: Settings, store: BlobStore, engine: Engine) -> None:
        self.settings, self.store, self.engine = settings, store, engine
        self.headers = {
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Access-Control-Allow-Origin": settings.base_url,
            "Access-Control-Expose-Headers": "Content-Length, Content-Range, Accept-Ranges, ETag",
            "Timing-Allow-Origin": settings.base_url,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            answer = _Answer(scope, receive, send, self.headers)
            try:
                await self._answer(answer)
            except TongkeError as error:
                await answer.say(error.status, error.message.in_locale(answer.locale))

    async def _answer(self, answer: _Answer) -> None:
        if answer.scope["path"] == "/healthz":
            await answer.say(200, "ok")
        elif answer.method == "OPTIONS":
            allowed = {"Access-Control-Allow-Methods": METHODS, "Access-Control-Allow-Headers": "Range, If-Range"}
            await answer.empty(204, {"Allow": METHODS, **allowed, "Access-Control-Max-Age": "86400"})
        elif answer.method not in {"GET", "HEAD"}:
            await answer.empty(405, {"Allow": METHODS})
        else:
            place = read_address(self.settings, answer.scope["path"])
            if isinstance(place, BundlePlace):
                await self._bundle(answer, place)
            else:
                await self._file(answer, place)

    async def _file(self, answer: _Answer, place: Place) -> None:
        stat = await self._ask(lambda: _stat(self.store, place.key))
        tag = _entity_tag(stat)
        headers = {
            "Content-Type": place.media_type,
            "Content-Disposition": disposition(place.name, is_download=place.is_download or not _is_shown(place)),
            "Accept-Ranges": "bytes",
            "ETag": tag,
            "Cache-Control": f"private, max-age={max(0, place.expires_at - int(time.time()))}, immutable",
        }
        if tag in [told.strip() for told in answer.asked.get("if-none-match", "").split(",")]:
            await answer.empty(304, {"ETag": tag, "Cache-Control": headers["Cache-Control"]})
            return
        chosen = select_range(answer.asked.get("range"), answer.asked.get("if-range"), tag, stat.size_bytes)
        if chosen is None:
            await answer.empty(416, {"Content-Range": f"bytes */{stat.size_bytes}"})
        elif self.settings.accel_redirect and isinstance(self.store, LocalStore):
            accelerated = f"{self.settings.accel_redirect.rstrip('/')}/{quote(place.key)}"
            await answer.empty(200, {**headers, "X-Accel-Redirect": accelerated})
        else:
            await self._send(answer, stat, chosen, headers)

    async def _send(self, answer: _Answer, stat: BlobStat, chosen: Selection, headers: dict[str, str]) -> None:
        headers["Content-Length"] = str(chosen.length)
        if chosen.is_part:
            headers["Content-Range"] = f"bytes {chosen.start}-{chosen.start + chosen.length - 1}/{stat.size_bytes}"
        start = answer.starting(206 if chosen.is_part else 200, headers)
        if answer.method == "HEAD":
            await answer.send(start)
            await answer.send({"type": "http.response.body", "body": b""})
        elif isinstance(self.store, LocalStore):
            path_send = "http.response.pathsend" in answer.scope.get("extensions", {}) and not chosen.is_part
            span = Bytes(self.store.path_of(stat.key), chosen.start, chosen.length)
            await send_file(span, start, answer.receive, answer.send, path_send=path_send)
        else:
            pieces = await self._ask(lambda: self.store.read(stat.key, chosen.start, chosen.length))
            await send_pieces(pieces, start, answer.receive, answer.send)

    async def _bundle(self, answer: _Answer, place: BundlePlace) -> None:
        entries = await asyncio.to_thread(self._entries, place)
        headers = {
            "Content-Type": "application/zip",
            "Content-Disposition": disposition(place.name, is_download=True),
            "Cache-Control": "private, no-store",
        }
        if answer.method == "HEAD":
            await answer.empty(200, headers)
            return
        pieces: Iterator[bytes] = zip_of(self.store, entries)
        await send_pieces(pieces, answer.starting(200, headers), answer.receive, answer.send)

    def _entries(self, place: BundlePlace) -> list[Entry]:
        with reading(self.engine) as session:
            entries = entries_of(session, place.asset_ids)
        for entry in entries:
            self.store.stat(entry.key)  # what is missing is said now, not by a zip that breaks off
        return entries

    async def _ask(self, question: Callable[[], _T]) -> _T:
        """A file's state is known at once; an object store is asked from a thread."""
        return question() if isinstance(self.store, LocalStore) else await asyncio.to_thread(question)


class _Answer:
    """One request, and the few ways to answer it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str]) -> None:
        self.scope, self.receive, self.send, self.common = scope, receive, send, headers
        self.method: str = scope["method"]
        self.asked = Headers(scope=scope)

    @property
    def locale(self) -> str:
        return choose_locale(self.asked.get("accept-language"))

    def starting(self, status: int, headers: dict[str, str]) -> dict[str, object]:
        lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in {**self.common, **headers}.items()]
        return {"type": "http.response.start", "status": status, "headers": lines}

    async def empty(self, status: int, headers: dict[str, str]) -> None:
        await self.send(self.starting(status, headers))
        await self.send({"type": "http.response.body", "body": b""})

    async def say(self, status: int, sentence: str) -> None:
        body = sentence.encode()
        headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
        await self.send(self.starting(status, {**headers, "Content-Length": str(len(body))}))
        await self.send({"type": "http.response.body", "body": b"" if self.method == "HEAD" else body})


def disposition(name: str, *, is_download: bool) -> str:
    """Content-Disposition for a name in any script (RFC 6266): plain for old clients, UTF-8 for all others."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_").replace("\\", "_")
    kind = "attachment" if is_download else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _is_shown(place: Place) -> bool:
    return place.media_type.startswith(_SHOWN) or place.media_type.partition(";")[0] in _ALSO_SHOWN


def _stat(store: BlobStore, key: str) -> BlobStat:
    try:
        return store.stat(key)
    except ValueError:
        raise NotFound from None


def _entity_tag(stat: BlobStat) -> str:
    """Stored bytes are named by their digest; a rendition may be made anew."""
    kind, _, rest = stat.key.partition("/")
    if kind == "sha256":
        return f'"{rest.rpartition("/")[2]}"'
    return f'"{stat.size_bytes:x}-{stat.modified_at.timestamp():.6f}"'


async def _live(receive: Receive, send: Callable[[dict[str, str]], Awaitable[None]]) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
