"""Both databases for every test of the job table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from tests.postgres import new_database, postgres_server, programs

from tongke.db import metadata, open_database


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if programs() is None:
        pytest.skip("no PostgreSQL on this machine")
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tongke.sqlite3'}"
    return new_database(request.getfixturevalue("postgres"), f"t{uuid4().hex}")


@pytest.fixture
def engine(database_url: str) -> Iterator:
    import tongke.tables  # noqa: F401

    engine = open_database(database_url)
    metadata.create_all(engine)
    yield engine
    engine.dispose()
