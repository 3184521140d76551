"""Objects behind one narrow protocol."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from tongke.storage.base import BlobStore


def open_storage(url: str) -> BlobStore:
    """The store at ``file:///path``, ``s3://KEY:SECRET@host/bucket`` or, without TLS, ``s3+http://…``."""
    match urlsplit(url).scheme:
        case "file":
            # Slow imports here and below: only the chosen adapter is loaded.
            from tongke.storage.local import LocalStore

            return LocalStore(_path_of(url))
        case "s3" | "s3+http" | "s3+https":
            from tongke.storage.s3 import open_s3  # slow import: the S3 SDK

            return open_s3(url)
        case scheme:
            raise ValueError(f"no object store speaks {scheme or url!r}: use file://, s3:// or s3+http://")


def _path_of(url: str) -> Path:
    path = url.removeprefix("file://")
    has_drive = path[:1] == "/" and path[2:3] == ":"  # file:///C:/tongke
    return Path(path[1:] if has_drive else path)
