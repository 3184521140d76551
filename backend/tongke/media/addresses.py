"""Addresses on the second origin: signed, so that whoever was shown one may fetch those bytes, for a while.

``/{expiry}.{signature}/{place}``. The signature covers the place, or for renditions the folder it begins with:
a playlist's relative addresses inherit it. Places are ``files/{type}/{key}/{name}`` (shown where a browser safely can),
``downloads/{type}/{key}/{name}``, ``renditions/…`` and ``bundles/{assets}/{name}``.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import quote
from uuid import UUID

from tongke.config import Settings
from tongke.db import now
from tongke.errors import Gone, NotFound
from tongke.i18n import say
from tongke.media.filenames import clean_filename
from tongke.media.models import Asset, Rendition
from tongke.storage.base import blob_key

LASTS_S = 4 * 3600
"""Beside the duration of what is played."""
_STEP_S = 3600
"""Addresses asked for within one hour are the same, so that browsers keep what they have fetched."""
_RENDITION_FOLDER = 4  # renditions/ab/<sha256>/<kind>
_UUID_BYTES = 16
MOST_IN_BUNDLE = 200
_UNQUOTED = re.compile(r"[A-Za-z0-9_.~/-]+")
"""What stands in an address as it is: every key of a rendition, and lists hold dozens."""
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4a": "audio/mp4",
    ".m4s": "video/mp4",
    ".mp4": "video/mp4",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
}
"""What the files of renditions are, by their endings: we made them."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a valid address asks for."""

    key: str
    media_type: str
    name: str
    is_download: bool
    expires_at: int


@dataclass(frozen=True, slots=True)
class BundlePlace:
    """Several assets as one zip."""

    asset_ids: tuple[UUID, ...]
    name: str


def content_address(
    settings: Settings, thing: Asset | Rendition, *, download_name: str | None = None, duration_s: float | None = None
) -> str:
    """Where the bytes of an asset or the entry file of a rendition are; ``download_name`` makes it a download.

    It lasts ``duration_s`` (an asset's own by default) and four hours more.
    """
    if isinstance(thing, Asset):
        key, media_type, name = blob_key(thing.sha256), thing.media_type, thing.filename
        duration_s = thing.duration_s if duration_s is None else duration_s
    else:
        key, name = thing.entry, PurePosixPath(thing.entry).name
        media_type = type_of(key)
        if download_name is None:
            return _signed(settings, "/".join(key.split("/")[:_RENDITION_FOLDER]), key, duration_s)
    if download_name is not None:
        name = re.sub(r"[/\\]", "_", download_name)  # a title may say 1/2; it is no path
    kind = "files" if download_name is None else "downloads"
    place = "/".join((kind, media_type.partition(";")[0].replace("/", "~"), key, clean_filename(name)))
    return _signed(settings, place, place, duration_s)


def rendition_address(settings: Settings, key: str) -> str:
    """Where a file of a rendition is, by its object key; for lists, which read keys and no rows."""
    return _signed(settings, "/".join(key.split("/")[:_RENDITION_FOLDER]), key, None)


def bundle_address(settings: Settings, asset_ids: Sequence[UUID], *, name: str) -> str:
    """Where the assets, in that order, are one zip called ``name``; at most ``MOST_IN_BUNDLE`` of them."""
    if not 0 < len(asset_ids) <= MOST_IN_BUNDLE:
        raise ValueError(f"a bundle holds 1 to {MOST_IN_BUNDLE} assets")
    packed = base64.urlsafe_b64encode(b"".join(i.bytes for i in asset_ids)).decode().rstrip("=")
    place = f"bundles/{packed}/{clean_filename(name)}"
    return _signed(settings, place, place, None)


def read_address(settings: Settings, path: str) -> Place | BundlePlace:
    """What ``path`` (decoded) asks for; raises ``NotFound`` unless we signed it, and ``Gone`` when its time is over."""
    seal, _, place = path.removeprefix("/").partition("/")
    expiry, _, signature = seal.partition(".")
    names = place.split("/")
    covered = "/".join(names[:_RENDITION_FOLDER]) if names[0] == "renditions" else place
    if not (expiry.isascii() and expiry.isdigit() and len(expiry) <= 12):  # noqa: PLR2004 - thirty thousand years
        raise NotFound
    if not hmac.compare_digest(_signature(settings, int(expiry), covered).encode(), signature.encode()):
        raise NotFound
    if int(expiry) <= now().timestamp():
        raise Gone(say("这个地址已经过期，请回到原来的页面重新打开。"))
    return _place(names, int(expiry))


def type_of(key: str) -> str:
    return TYPES.get(PurePosixPath(key).suffix, "application/octet-stream")


def _place(names: list[str], expires_at: int) -> Place | BundlePlace:
    match names:
        case ["renditions", *_]:
            key = "/".join(names)
            return Place(key, type_of(key), names[-1], is_download=False, expires_at=expires_at)
        case ["files" | "downloads" as kind, media_type, *key_names, name] if key_names:
            is_download = kind == "downloads"
            return Place("/".join(key_names), media_type.replace("~", "/", 1), name, is_download, expires_at)
        case ["bundles", packed, name]:
            raw = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
            ids = (UUID(bytes=raw[i : i + _UUID_BYTES]) for i in range(0, len(raw), _UUID_BYTES))
            return BundlePlace(tuple(ids), name)
        case _:
            raise NotFound


def expires_at(duration_s: float | None) -> int:
    """The second (epoch) until which an address made now works."""
    ends = now().timestamp() + (duration_s or 0) + LASTS_S
    return int(-(-ends // _STEP_S) * _STEP_S)


def _signed(settings: Settings, covered: str, place: str, duration_s: float | None) -> str:
    expiry = expires_at(duration_s)
    quoted = place if _UNQUOTED.fullmatch(place) else quote(place, safe="/~")
    return f"{settings.content_url}/{expiry}.{_signature(settings, expiry, covered)}/{quoted}"


def _signature(settings: Settings, expiry: int, covered: str) -> str:
    seal = hmac.digest(_key(settings.signing_key), f"{expiry}/{covered}".encode(), "sha256")[:16]
    return base64.urlsafe_b64encode(seal).decode().rstrip("=")


@lru_cache(maxsize=8)
def _key(signing_key: bytes) -> bytes:
    """The key of content addresses alone."""
    return hmac.digest(signing_key, b"content addresses", "sha256")
