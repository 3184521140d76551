"""The two profiles tests run in: SQLite with local files, or PostgreSQL with S3."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from sqlalchemy import Engine, create_engine, text

from tongke.db import open_database
from tongke.migrations.runner import migrate


class Profile(Protocol):
    def fresh(self, folder: Path) -> AbstractContextManager[dict[str, str]]:
        """Give the addresses of an empty, migrated database and an empty store."""


def make_schema(engine: Engine) -> None:
    """Bring an empty database to the newest schema, as an operator would."""
    migrate(engine)


class Embedded:
    """A migrated SQLite file, copied for each test."""

    def __init__(self, folder: Path) -> None:
        self.template = folder / "template.sqlite3"
        engine = open_database(f"sqlite:///{self.template}")
        make_schema(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()

    @contextlib.contextmanager
    def fresh(self, folder: Path) -> Iterator[dict[str, str]]:
        path = folder / "tongke.sqlite3"
        shutil.copyfile(self.template, path)
        yield {}


class Regional:
    """A PostgreSQL database made from a template and a bucket of its own for each test."""

    def __init__(self, postgres_url: str, s3_url: str) -> None:
        self.server, self.s3_url = postgres_url.rsplit("/", 1)[0], s3_url
        self.template = f"template_{uuid4().hex[:8]}"
        self._run(f"CREATE DATABASE {self.template}")
        engine = open_database(f"{self.server}/{self.template}")
        make_schema(engine)
        engine.dispose()

    def _run(self, statement: str) -> None:
        url = f"{self.server}/postgres".replace("postgresql://", "postgresql+psycopg://", 1)
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    @contextlib.contextmanager
    def empty(self) -> Iterator[str]:
        name = f"empty_{uuid4().hex[:12]}"
        self._run(f"CREATE DATABASE {name}")
        yield f"{self.server}/{name}"
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextlib.contextmanager
    def fresh(self, folder: Path) -> Iterator[dict[str, str]]:
        name = f"test_{uuid4().hex[:12]}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        bucket = f"t{uuid4().hex[:12]}"
        yield {
            "database_url": f"{self.server}/{name}",
            "storage_url": f"{self.s3_url}/{bucket}",
            "search_url": f"embedded://{folder / 'search'}",
        }
        self._run(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def open_profile(folder: Path) -> Iterator[Profile]:
    if os.environ.get("TEST_PROFILE", "embedded") == "embedded":
        yield Embedded(folder)
        return
    from tests.postgres import postgres_server
    from tests.servers import seaweedfs

    for name in ("postgres", "s3"):
        (folder / name).mkdir()
    with postgres_server(folder / "postgres") as postgres_url, seaweedfs(folder / "s3") as s3_url:
        yield Regional(postgres_url, s3_url)


@contextlib.contextmanager
def empty_database(profile: Profile, folder: Path) -> Iterator[str]:
    """Give the address of a database without any table."""
    if isinstance(profile, Regional):
        with profile.empty() as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'empty.sqlite3'}"
