"""Objects in any S3, through the minio SDK."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import ComposeSource
from minio.error import MinioException, S3Error

from tongke.errors import BlobNotFound, StorageFull, StorageUnavailable
from tongke.i18n import say
from tongke.storage.base import BlobStat, checked_key

PIECE_BYTES = 1024 * 1024
SMALLEST_PART_BYTES = 5 * 1024 * 1024
"""What S3 asks of every part of a composed object but the last."""
_MISSING = {"NoSuchKey", "NoSuchObject", "ResourceNotFound"}
_NO_ROOM = {"InsufficientStorage", "XMinioStorageFull", "EntityTooLarge", "QuotaExceeded"}


def open_s3(url: str) -> S3Store:
    """The store at ``s3://KEY:SECRET@host:port/bucket?region=…`` (``s3+http`` without TLS); makes its bucket."""
    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    if not (parts.hostname and bucket and "/" not in bucket):
        raise ValueError("TONGKE_STORAGE_URL must read s3://KEY:SECRET@host:port/bucket")
    client = Minio(
        parts.netloc.rpartition("@")[2],
        access_key=unquote(parts.username or "") or None,
        secret_key=unquote(parts.password or "") or None,
        secure=parts.scheme != "s3+http",
        region=parse_qs(parts.query).get("region", ["us-east-1"])[0],
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=5, read=60),
            maxsize=16,
            retries=urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
        ),
    )
    return S3Store(client, bucket)


class S3Store:
    """One bucket. S3 shows an object only when it is whole, and keeps what it has acknowledged."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self.client, self.bucket = client, bucket
        self._has_bucket = False

    def put(
        self,
        key: str,
        source: Path,
        *,
        media_type: str = "application/octet-stream",
        adopt: bool = False,  # noqa: ARG002 - nothing can be shared with another machine
    ) -> None:
        with self._translated(key):
            self.client.fput_object(self.bucket, checked_key(key), str(source), content_type=media_type)

    def read(self, key: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        size = self.stat(key).size_bytes  # S3 takes a range past the end, and of no bytes, for an error
        wanted = max(0, min(size - start, size if length is None else length))
        if not wanted:
            return iter(())
        with self._translated(key):
            response = self.client.get_object(self.bucket, key, offset=start, length=wanted)
        return self._pieces(key, response, wanted)

    def stat(self, key: str) -> BlobStat:
        with self._translated(key):
            found = self.client.stat_object(self.bucket, checked_key(key))
            return BlobStat(key, found.size or 0, found.last_modified or datetime.now(UTC))

    def delete(self, key: str) -> None:
        with self._translated(key):
            self.client.remove_object(self.bucket, checked_key(key))

    def keys(self, prefix: str) -> Iterator[BlobStat]:
        with self._translated(prefix):
            for found in self.client.list_objects(self.bucket, prefix=prefix, recursive=True):
                if not found.is_dir and found.object_name:
                    yield BlobStat(found.object_name, found.size or 0, found.last_modified or datetime.now(UTC))

    def compose(self, key: str, parts: list[str], *, media_type: str = "application/octet-stream") -> None:
        sizes = [self.stat(part).size_bytes for part in parts]
        groups = _large_enough(parts, sizes)
        if len(groups) <= 1:
            self._join(key, parts, media_type)
            return
        joined = [group[0] if len(group) == 1 else f"{group[0]}.joined" for group in groups]
        try:
            for name, group in zip(joined, groups, strict=True):
                if len(group) > 1:
                    self._join(name, group, media_type)
            with self._translated(key):
                sources = [ComposeSource(self.bucket, name) for name in joined]
                self.client.compose_object(
                    self.bucket, checked_key(key), sources, metadata={"Content-Type": media_type}
                )
        finally:
            for name in set(joined) - set(parts):
                self.delete(name)

    def free_bytes(self) -> int | None:
        return None  # S3 does not say; what does not fit is refused while it is sent

    def _join(self, key: str, parts: list[str], media_type: str) -> None:
        """Parts too small for S3 to copy together pass through this machine."""
        with tempfile.TemporaryDirectory(prefix="tongke-") as folder:
            whole = Path(folder) / "whole"
            with whole.open("wb") as stream:
                for part in parts:
                    stream.writelines(self.read(part))
            self.put(key, whole, media_type=media_type)

    def _pieces(self, key: str, response: urllib3.BaseHTTPResponse, wanted: int) -> Iterator[bytes]:
        with self._translated(key):
            try:
                for piece in response.stream(PIECE_BYTES):
                    wanted -= len(piece)
                    yield piece
                if wanted:
                    raise StorageUnavailable
            finally:
                response.close()
                response.release_conn()

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        """Say what the SDK says in our words; the bucket is made on the first call that reaches the server."""
        try:
            if not self._has_bucket:
                self._make_bucket()
            yield
        except S3Error as error:
            if error.code in _MISSING:
                raise BlobNotFound(key) from None
            if error.code in _NO_ROOM:
                raise StorageFull(say("存储空间已满，请联系管理员清理后再试。")) from error
            raise StorageUnavailable from error
        except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
            raise StorageUnavailable from error

    def _make_bucket(self) -> None:
        if not self.client.bucket_exists(self.bucket):
            try:
                self.client.make_bucket(self.bucket)
            except S3Error as error:
                if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                    raise
        self._has_bucket = True


def _large_enough(parts: list[str], sizes: list[int]) -> list[list[str]]:
    """``parts`` in groups S3 can copy: each of at least the smallest part's size, but the last."""
    groups: list[list[str]] = []
    room = 0
    for part, size in zip(parts, sizes, strict=True):
        if room > 0 and groups:
            groups[-1].append(part)
            room -= size
        else:
            groups.append([part])
            room = SMALLEST_PART_BYTES - size
    return groups
