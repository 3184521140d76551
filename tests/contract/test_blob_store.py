"""What every object store must do, on files and on a real S3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from tests.servers import free_port

from tongke.errors import BlobNotFound, StorageUnavailable
from tongke.storage import open_storage
from tongke.storage.base import BlobStore, blob_key
from tongke.storage.local import LocalStore

MIB = 1024 * 1024


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.s3)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "file":
        return open_storage(f"file://{tmp_path / 'objects'}")
    return open_storage(f"{request.getfixturevalue('s3_server')}/bucket-{uuid4().hex[:12]}")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.bin"
    path.write_bytes(bytes(range(256)) * 20)
    return path


def whole(pieces: Iterator[bytes]) -> bytes:
    return b"".join(pieces)


def test_put_keeps_every_byte(store: BlobStore, source: Path) -> None:
    store.put("sha256/ab/cd/one", source, media_type="video/mp4")

    assert whole(store.read("sha256/ab/cd/one")) == source.read_bytes()
    assert store.stat("sha256/ab/cd/one").size_bytes == 5120
    assert abs(store.stat("sha256/ab/cd/one").modified_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_put_replaces_what_was_there(store: BlobStore, source: Path, tmp_path: Path) -> None:
    store.put("a/one", source)
    other = tmp_path / "other.bin"
    other.write_bytes(b"other")
    store.put("a/one", other, adopt=True)

    assert whole(store.read("a/one")) == b"other"
    assert [found.key for found in store.keys("")] == ["a/one"]


def test_an_adopted_source_may_be_removed_or_put_again(store: BlobStore, source: Path) -> None:
    content = source.read_bytes()
    store.put("a/one", source, adopt=True)
    store.put("a/one", source, adopt=True)
    source.unlink()

    assert whole(store.read("a/one")) == content


@pytest.mark.parametrize(
    ("start", "length"), [(0, 10), (250, 20), (5119, 5), (5120, None), (9000, 1), (7, 0), (100, None)]
)
def test_read_gives_the_range_asked_for(store: BlobStore, source: Path, start: int, length: int | None) -> None:
    store.put("a/one", source)
    end = None if length is None else start + length

    assert whole(store.read("a/one", start, length)) == source.read_bytes()[start:end]


def test_a_missing_object_is_blob_not_found(store: BlobStore, source: Path) -> None:
    for ask in (store.read, store.stat):
        with pytest.raises(BlobNotFound):
            ask("a/none")
    with pytest.raises(BlobNotFound):
        store.compose("a/whole", ["a/none"])


def test_delete_removes_and_is_silent_about_what_is_not_there(store: BlobStore, source: Path) -> None:
    store.put("a/b/one", source)
    store.delete("a/b/one")
    store.delete("a/b/one")

    with pytest.raises(BlobNotFound):
        store.stat("a/b/one")
    store.put("a/b/one", source)
    assert store.stat("a/b/one").size_bytes == 5120


def test_keys_gives_what_begins_with_the_prefix_once(store: BlobStore, source: Path) -> None:
    names = ["a/b/two", "a-b/one", "a/b/one", "a/bc", "b/x", "a/b.txt"]
    for name in names:
        store.put(name, source)

    assert sorted(found.key for found in store.keys("")) == sorted(names)
    assert sorted(found.key for found in store.keys("a/b/")) == ["a/b/one", "a/b/two"]
    assert sorted(found.key for found in store.keys("a/b")) == ["a/b.txt", "a/b/one", "a/b/two", "a/bc"]
    assert [found.size_bytes for found in store.keys("b/")] == [5120]


@pytest.mark.parametrize("sizes", [[5 * MIB, 5 * MIB, 100], [100, 200, 5 * MIB, 3, 5 * MIB, 7], [10, 20], [5 * MIB]])
def test_compose_joins_parts_of_any_size(store: BlobStore, tmp_path: Path, sizes: list[int]) -> None:
    parts, content = [], b""
    for number, size in enumerate(sizes):
        piece = tmp_path / "piece"
        piece.write_bytes(os.urandom(size))
        content += piece.read_bytes()
        parts.append(f"incoming/u/{number:03}")
        store.put(parts[-1], piece)
    store.compose("sha256/whole", parts, media_type="video/mp4")

    assert whole(store.read("sha256/whole")) == content
    assert sorted(found.key for found in store.keys("")) == [*parts, "sha256/whole"]


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../x", "a//b", "a/./b", "a\\b", "C:/x", "a/\x00", ".incoming/x", "a/" + "x" * 300],
)
def test_a_key_that_could_lead_outside_is_refused(store: BlobStore, source: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not an object key"):
        store.put(key, source)
    with pytest.raises(ValueError, match="not an object key"):
        store.stat(key)
    with pytest.raises(ValueError, match="not an object key"):
        store.delete(key)


def test_reading_half_and_leaving_does_no_harm(store: BlobStore, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(os.urandom(3 * MIB))
    store.put("a/large", large)
    for _ in range(20):
        next(iter(store.read("a/large")))

    assert whole(store.read("a/large")) == large.read_bytes()


def test_blob_key_spreads_over_folders() -> None:
    assert blob_key("abcdef") == "sha256/ab/cd/abcdef"


def test_a_local_link_is_not_followed(tmp_path: Path, source: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    (store.root / "a").symlink_to(tmp_path)
    (store.root / "link").symlink_to(source)

    for key in ("a/source.bin", "link"):
        with pytest.raises(BlobNotFound):
            store.read(key)
        with pytest.raises(BlobNotFound):
            store.stat(key)
        with pytest.raises(BlobNotFound):
            store.put(key, source)
    assert list(store.keys("")) == []


def test_a_local_put_that_fails_leaves_nothing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    with pytest.raises(BlobNotFound):
        store.put("a/one", tmp_path / "missing")

    assert list(store.workspace.iterdir()) == []
    assert list(store.keys("")) == []


def test_the_local_workspace_is_cleaned_of_old_leftovers_only(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "objects")
    old, new = store.workspace / "put-old", store.workspace / "put-new"
    for left in (old, new):
        left.touch()
    os.utime(old, (1_000_000, 1_000_000))
    store.clean_workspace(datetime.now(UTC) - timedelta(hours=1))

    assert [left.name for left in store.workspace.iterdir()] == ["put-new"]


def test_a_store_that_does_not_answer_is_unavailable(source: Path) -> None:
    store = open_storage(f"s3+http://a:b@127.0.0.1:{free_port()}/bucket")

    with pytest.raises(StorageUnavailable):
        store.put("a/one", source)
    with pytest.raises(StorageUnavailable):
        list(store.keys(""))


@pytest.mark.s3
def test_wrong_credentials_are_unavailable_not_missing(s3_server: str) -> None:
    store = open_storage(f"{s3_server.replace('testsecret123', 'wrong')}/bucket-x")

    with pytest.raises(StorageUnavailable):
        store.stat("a/one")


@pytest.mark.parametrize("url", ["ftp://x/y", "s3://host", "/plain/path"])
def test_an_address_nobody_speaks_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="s3://"):
        open_storage(url)
