"""The built front end: hashed names, kept by browsers for a year, sent compressed as they were built."""

from __future__ import annotations

import json
import mimetypes
import re
from functools import cached_property, lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

BUILD = Path(__file__).parent / "static" / "build"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOREVER = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class NotBuilt(RuntimeError):
    """The front end was never built: ``make setup`` does it."""


class BuiltFiles:
    """An ASGI application for one folder of built files, and the addresses of its parts."""

    def __init__(self, folder: Path = BUILD, prefix: str = "/static/") -> None:
        self._folder = folder
        self._prefix = prefix

    @cached_property
    def names(self) -> dict[str, str]:
        """Source name → built name."""
        manifest = self._folder / "assets.json"
        if not manifest.exists():
            raise NotBuilt(f"{manifest} is missing; run `python frontend/build.py` (or `make setup`)")
        names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
        return names

    def url(self, name: str) -> str:
        """The address of what was built from ``name``, for instance ``app.css``."""
        return self._prefix + self.names[name]

    @cached_property
    def icons(self) -> list[str]:
        """The names in the sprite."""
        return re.findall(r'<symbol id="([^"]+)"', (self._folder / self.names["icons.svg"]).read_text(encoding="utf-8"))

    @cached_property
    def _present(self) -> frozenset[str]:
        return frozenset(path.name for path in self._folder.iterdir())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/").removeprefix("static/")
        if name not in self._present or name == "assets.json" or scope["method"] not in {"GET", "HEAD"}:
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return
        await self._answer(name, Headers(scope=scope).get("accept-encoding", ""))(scope, receive, send)

    def _answer(self, name: str, accepted: str) -> Response:
        headers = dict(_FOREVER)
        for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
            if encoding in accepted and name + suffix in self._present:
                headers["Content-Encoding"] = encoding
                return Response(_bytes_of(self._folder / (name + suffix)), 200, headers, _type_of(name))
        return Response(_bytes_of(self._folder / name), 200, headers, _type_of(name))


@lru_cache(maxsize=64)
def _bytes_of(path: Path) -> bytes:
    return path.read_bytes()


def _type_of(name: str) -> str:
    suffix = Path(name).suffix
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
