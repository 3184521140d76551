"""A small platform worth keeping, on either database, and empty machines to bring it back on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from tests.postgres import new_database, postgres_server, programs
from tests.profiles import make_schema

from tongke.accounts.models import Role, User
from tongke.db import open_database
from tongke.media.ingest import ingest
from tongke.storage import open_storage
from tongke.storage.base import BlobStore


@dataclass(frozen=True)
class Machine:
    """A database and a store."""

    engine: Engine
    store: BlobStore


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if programs() is None:
        pytest.skip("no PostgreSQL on this machine")
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture
def make_machine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Machine]]:
    """Make an empty machine: ``sqlite`` or ``postgres``."""
    made: list[Engine] = []

    def make(database: str) -> Machine:
        home = tmp_path / uuid4().hex
        home.mkdir()
        if database == "sqlite":
            url = f"sqlite:///{home / 'tongke.sqlite3'}"
        else:
            url = new_database(request.getfixturevalue("postgres"), f"t{uuid4().hex}")
        made.append(open_database(url))
        return Machine(made[-1], open_storage(f"file://{home / 'objects'}"))

    yield make
    for engine in made:
        engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def machine(request: pytest.FixtureRequest, make_machine: Callable[[str], Machine]) -> Machine:
    """The machine that is backed up."""
    machine = make_machine(request.param)
    make_schema(machine.engine)
    return machine


@pytest.fixture
def engine(machine: Machine) -> Engine:
    return machine.engine


@pytest.fixture
def admin(make_user: Callable[..., User]) -> User:
    return make_user("平台管理员", role=Role.PLATFORM_ADMIN, email="admin@example.org")


@pytest.fixture
def lesson(machine: Machine, admin: User, actor_of: Callable, settings, tmp_path: Path) -> bytes:
    """A file somebody uploaded; returns its bytes."""
    content = "小数除法：教案。\n".encode() * 200_000
    source = tmp_path / "教案.txt"
    source.write_bytes(content)
    ingest(machine.engine, machine.store, actor_of(admin), source, "教案.txt", settings=settings)
    return content
