"""The bytes of open uploads, in a file and in parts: what a checkpoint promised is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongke.storage.base import BlobStore
from tongke.storage.local import LocalStore
from tongke.storage.spool import CHECKPOINT_BYTES, FileSpool, PartSpool, Spool


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "objects")


@pytest.fixture(params=["file", "parts"])
def spool(request, store: LocalStore) -> Spool:
    return FileSpool(store) if request.param == "file" else PartSpool(store)


def append(spool: Spool, offset: int, *pieces: bytes) -> int:
    writer = spool.writer("u", offset)
    try:
        writer.write(list(pieces))
        return writer.checkpoint()
    finally:
        writer.close()


def whole(spool: Spool) -> bytes:
    with spool.whole("u") as found:
        return found.path.read_bytes()


def test_pieces_of_many_writers_make_one_whole(spool: Spool) -> None:
    content = os.urandom(CHECKPOINT_BYTES + 12_345)

    assert append(spool, 0, content[:10], content[10:20]) == 20
    assert append(spool, 20, *(content[n : n + 7777] for n in range(20, len(content), 7777))) == len(content)
    assert spool.kept_bytes("u") == len(content)
    assert whole(spool) == content
    assert [found.upload for found in spool.uploads()] == ["u"]


def test_more_pieces_than_the_system_takes_at_once_are_written(spool: Spool) -> None:
    pieces = [bytes([n % 256]) * 3 for n in range(5000)]

    append(spool, 0, *pieces)

    assert whole(spool) == b"".join(pieces)


def test_a_writer_that_never_reached_its_checkpoint_loses_less_than_one(spool: Spool) -> None:
    writer = spool.writer("u", 0)
    writer.write([bytes(CHECKPOINT_BYTES), bytes(1000)])

    assert spool.kept_bytes("u") >= CHECKPOINT_BYTES
    writer.close()


def test_a_discarded_upload_is_gone_and_may_be_discarded_again(spool: Spool) -> None:
    append(spool, 0, b"bytes")
    spool.discard("u")
    spool.discard("u")

    assert spool.kept_bytes("u") == 0
    assert list(spool.uploads()) == []


def test_a_part_that_comes_late_from_a_lost_writer_neither_shortens_nor_changes_what_is_kept(store) -> None:
    spool = PartSpool(store)
    late = spool.writer("u", 0)
    late.write([b"L" * 50])
    append(spool, 0, b"a" * 20)
    append(spool, 20, b"b" * 100)
    late.checkpoint()
    late.close()

    assert spool.kept_bytes("u") == 120
    assert whole(spool) == b"a" * 20 + b"b" * 100


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), max_size=14))
def test_the_chain_of_parts_is_the_furthest_there_is(parts: list[tuple[int, int]]) -> None:
    class Listed:
        """Of a store, only what the chain asks for."""

        def keys(self, prefix: str):
            from datetime import UTC, datetime

            from tongke.storage.base import BlobStat

            for number, (offset, size) in enumerate(parts):
                yield BlobStat(f"{prefix}{offset:016x}-{number}", size, datetime.now(UTC))

    reachable = {0}
    for offset, size in sorted(parts):
        if offset in reachable:
            reachable.add(offset + size)
    store: BlobStore = Listed()  # type: ignore[assignment]

    assert PartSpool(store).kept_bytes("u") == max(reachable)
