"""What every test may ask for: a database, a store, an engine for search, and the application around them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tongke.db import metadata, open_database, transaction


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    import tongke.tables  # noqa: F401

    engine = open_database(f"sqlite:///{tmp_path / 'tongke.sqlite3'}")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with transaction(engine) as session:
        yield session


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real S3 for the whole session: an address to which a test adds ``/bucket-of-its-own``."""
    from tests.servers import seaweedfs

    with seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as address:
        yield address
