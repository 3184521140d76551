"""Films made on the spot, a store, and a worker that runs the rendition jobs."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tongke.accounts.models import User
from tongke.config import Settings
from tongke.db import reading, transaction
from tongke.jobs.worker import Worker
from tongke.media.models import Asset, Rendition
from tongke.media.renditions import plan_renditions
from tongke.media.sniff import sniff
from tongke.media.works import handlers
from tongke.storage.base import blob_key
from tongke.storage.local import LocalStore


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Callable[..., Path]:
    """``film("a.mkv", "-c:v", "mpeg4", seconds=3, sound=False)``: a moving test picture, made once a session."""
    folder, made = tmp_path_factory.mktemp("films"), {}

    def make(
        name: str,
        *options: str,
        size: str = "320x240",
        seconds: float = 2,
        sound: bool = True,
        picture: bool = True,
        rate: str = "25",
    ) -> Path:
        key = (name, options, size, seconds, sound, picture, rate)
        if key not in made:
            path = folder / f"{len(made)}-{name}"
            inputs = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"] if picture else []
            inputs += ["-f", "lavfi", "-i", f"sine=d={seconds}"] if sound else []
            subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, *options, str(path)], check=True)
            made[key] = path
        return made[key]

    return make


@pytest.fixture
def store(tmp_path) -> LocalStore:
    return LocalStore(tmp_path / "objects")


class Desk:
    """A teacher's uploads and the worker that makes their renditions."""

    def __init__(self, engine: Engine, store: LocalStore, settings: Settings) -> None:
        self.engine, self.store, self.settings = engine, store, settings
        self.searchable: list[str] = []
        with transaction(engine) as session:
            teacher = User(email="teacher@example.org", name="李老师", role="teacher")
            session.add(teacher)
            session.flush()
            self.teacher: UUID = teacher.id

    def add(self, path: Path, name: str | None = None) -> Asset:
        found = sniff(path, name or path.name)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        self.store.put(blob_key(sha256), path)
        asset = Asset(
            owner_id=self.teacher,
            filename=path.name,
            sha256=sha256,
            received_sha256=sha256,
            size_bytes=path.stat().st_size,
            media_type=found.media_type,
            kind=found.kind,
        )
        with transaction(self.engine) as session:
            session.add(asset)
            session.flush()
            plan_renditions(session, asset)
        return asset

    def work(self) -> None:
        Worker(self.engine, self.handlers(), poll_s=0.02).run(until_idle=True)

    def handlers(self):
        def text_ready(_: Session, sha256: str) -> None:
            self.searchable.append(sha256)

        return handlers(self.store, self.settings, text_ready)

    def made(self, asset: Asset) -> dict[str, Rendition]:
        with reading(self.engine) as session:
            return {row.kind: row for row in session.exec(select(Rendition).where(Rendition.sha256 == asset.sha256))}

    def states(self, asset: Asset) -> dict[str, str]:
        return {kind: row.state for kind, row in sorted(self.made(asset).items())}

    def asset(self, asset: Asset) -> Asset:
        with reading(self.engine) as session:
            return session.get_one(Asset, asset.id)


@pytest.fixture
def desk(engine, store, settings) -> Desk:
    return Desk(engine, store, settings)
