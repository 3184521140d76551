"""After a sweep the store holds exactly what the database refers to, and never loses what is just arriving."""

from __future__ import annotations

import contextlib
import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlmodel import select

from tongke.db import now, reading, transaction
from tongke.media.ingest import ingest
from tongke.media.models import Asset, Rendition, RenditionKind, RenditionState, UploadSession, UploadState
from tongke.media.sweep import sweep
from tongke.storage import open_storage
from tongke.storage.base import BlobStore, blob_key, rendition_key
from tongke.storage.local import LocalStore
from tongke.storage.spool import open_spool

DIGEST = "ef" * 32


@pytest.fixture
def store(settings) -> BlobStore:
    return open_storage(settings.storage)


@pytest.fixture
def asset(engine, store, settings, make_user, actor_of, tmp_path) -> Asset:
    source = tmp_path / "a.txt"
    source.write_text("小数除法的教案。" * 50, encoding="utf-8")
    return ingest(engine, store, actor_of(make_user()), source, "a.txt", settings=settings)


def kept(store: BlobStore, tmp_path: Path, *keys: str) -> None:
    for key in keys:
        source = tmp_path / uuid4().hex
        source.write_bytes(b"bytes")
        store.put(key, source)


def keys_of(store: BlobStore) -> list[str]:
    return sorted(found.key for found in store.keys(""))


@contextlib.contextmanager
def later(hours: float = 2):
    """The sweep's clock alone is ahead: an object store refuses requests signed in the future."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tongke.media.sweep.now", lambda: now() + timedelta(hours=hours))
        yield


def test_a_sweep_leaves_exactly_what_rows_refer_to(engine, store, asset, tmp_path) -> None:
    text, poster = (rendition_key(asset.sha256, kind, "x.txt") for kind in (RenditionKind.TEXT, RenditionKind.POSTER))
    kept(store, tmp_path, text, poster, blob_key(DIGEST), rendition_key(DIGEST, "hls", "0.m4s"), "stray")
    with transaction(engine) as session:
        session.exec(select(Rendition)).one().state = RenditionState.READY

    with later():
        swept = sweep(engine, store)

    assert keys_of(store) == sorted([blob_key(asset.sha256), text])
    assert (swept.objects, swept.size_bytes) == (4, 20)
    with later():
        assert sweep(engine, store).objects == 0


def test_a_sweep_spares_what_is_younger_than_an_hour(engine, store, tmp_path) -> None:
    kept(store, tmp_path, blob_key(DIGEST))

    with later(0.9):
        assert sweep(engine, store).objects == 0
    assert keys_of(store) == [blob_key(DIGEST)]


def test_what_a_failed_rendition_left_behind_goes(engine, store, asset, tmp_path) -> None:
    kept(store, tmp_path, rendition_key(asset.sha256, RenditionKind.TEXT, "half.txt"))
    with transaction(engine) as session:
        session.exec(select(Rendition)).one().state = RenditionState.FAILED

    with later():
        sweep(engine, store)

    assert keys_of(store) == [blob_key(asset.sha256)]


def test_renditions_of_bytes_nobody_has_any_more_go_with_their_rows(engine, store, asset, tmp_path) -> None:
    kept(store, tmp_path, rendition_key(asset.sha256, RenditionKind.TEXT, "x.txt"))
    with transaction(engine) as session:
        session.delete(session.get(Asset, asset.id))

    with later():
        sweep(engine, store)

    assert keys_of(store) == []
    with reading(engine) as session:
        assert session.exec(select(Rendition)).all() == []


def upload(engine, owner, state: UploadState, *, expires_in: timedelta) -> str:
    with transaction(engine) as session:
        row = UploadSession(owner_id=owner, filename="a", length_bytes=9, state=state, expires_at=now() + expires_in)
        session.add(row)
    return str(row.id)


def test_bytes_of_open_uploads_stay_and_of_ended_ones_go(engine, store, make_user) -> None:
    owner, spool = make_user().id, open_spool(store)
    states = {
        upload(engine, owner, UploadState.OPEN, expires_in=timedelta(days=1)): True,
        upload(engine, owner, UploadState.OPEN, expires_in=timedelta(minutes=-1)): False,
        upload(engine, owner, UploadState.TERMINATED, expires_in=timedelta(days=1)): False,
        upload(engine, owner, UploadState.COMPLETE, expires_in=timedelta(days=1)): False,
        str(uuid4()): False,
    }
    for name in states:
        writer = spool.writer(name, 0)
        writer.write([b"half"])
        writer.checkpoint()
        writer.close()

    with later():
        swept = sweep(engine, store)

    assert swept.uploads == 1
    assert {name: spool.kept_bytes(name) == 4 for name in states} == states
    with reading(engine) as session:
        assert len(session.exec(select(UploadSession)).all()) == 3


def test_a_file_that_comes_again_while_its_orphan_is_swept_is_there_afterwards(
    engine, store, settings, make_user, actor_of, tmp_path, monkeypatch
) -> None:
    """The sweep takes the orphan between the moment ingest finds it stored and the moment it writes the row."""
    source = tmp_path / "a.txt"
    source.write_text("小数除法的教案。" * 50, encoding="utf-8")
    actor = actor_of(make_user())
    orphan = ingest(engine, store, actor, source, "a.txt", settings=settings)
    with transaction(engine) as session:
        for row in (*session.exec(select(Rendition)), session.get(Asset, orphan.id)):
            session.delete(row)
    stat, calls = type(store).stat, []

    def stat_and_sweep(self, key):
        found = stat(self, key)
        calls.append(key)
        if len(calls) == 1:
            with later():
                assert sweep(engine, store).objects == 1
        return found

    monkeypatch.setattr(type(store), "stat", stat_and_sweep)
    again = ingest(engine, store, actor, source, "a.txt", settings=settings)
    monkeypatch.undo()

    assert store.stat(blob_key(again.sha256)).size_bytes == source.stat().st_size


def test_half_written_files_of_killed_writers_go(engine, store) -> None:
    if not isinstance(store, LocalStore):
        pytest.skip("objects are not files here")
    left = store.workspace / "put-half"
    left.touch()
    os.utime(left, (1_000_000, 1_000_000))

    sweep(engine, store)

    assert list(store.workspace.iterdir()) == []
