"""Both databases for every test of review, and people to write and judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from tests.postgres import new_database, postgres_server, programs
from tests.profiles import make_schema

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.db import open_database
from tongke.storage import open_storage
from tongke.storage.base import BlobStore


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if programs() is None:
        pytest.skip("no PostgreSQL on this machine")
    with postgres_server(tmp_path_factory.mktemp("postgres")) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'tongke.sqlite3'}"
    else:
        url = new_database(request.getfixturevalue("postgres"), f"t{uuid4().hex}")
    engine = open_database(url)
    make_schema(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return open_storage(f"file://{tmp_path / 'objects'}")


@dataclass(frozen=True)
class People:
    author: Actor
    reviewer: Actor
    other_reviewer: Actor
    colleague: Actor
    office: Actor


@pytest.fixture
def people(make_user: Callable, make_school: Callable, actor_of: Callable, county: str) -> People:
    school = make_school()
    return People(
        author=actor_of(make_user("王老师", school=school)),
        reviewer=actor_of(make_user("李教研员", role=Role.REVIEWER)),
        other_reviewer=actor_of(make_user("赵教研员", role=Role.REVIEWER)),
        colleague=actor_of(make_user("陈老师", school=school)),
        office=actor_of(make_user("教育局", role=Role.REGION_ADMIN, region=county)),
    )
