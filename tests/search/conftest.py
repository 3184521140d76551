"""Both databases for the tests that ask one, an embedded index beside it, and published lessons by rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from tests.postgres import new_database, postgres_server, programs

from tongke.accounts.models import User
from tongke.db import now, open_database, transaction
from tongke.resources.models import LearningResource, Revision, RevisionState, Standing
from tongke.search import open_search
from tongke.search.base import SearchEngine
from tongke.search.outbox import request_reindex
from tongke.tables import metadata


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
    metadata.create_all(engine)  # without the review triggers: rows are written as they would end up
    yield engine
    engine.dispose()


@pytest.fixture
def search(tmp_path: Path) -> SearchEngine:
    return open_search(f"embedded://{tmp_path / 'search'}")


@pytest.fixture
def publish(engine: Engine) -> Callable[..., UUID]:
    """Write a published resource and its reindex request; fields of the revision by name."""

    def write(title: str, *, owner: UUID | None = None, school_id: UUID | None = None, **fields: Any) -> UUID:
        of_resource = {
            name: fields.pop(name) for name in ("published_at", "rating_sum", "rating_count") if name in fields
        }
        with transaction(engine) as session:
            owner = owner or _somebody(session)
            resource = LearningResource(short_code=uuid4().hex[:8], owner_id=owner, school_id=school_id)
            session.add(resource)
            session.flush()
            revision = Revision(
                resource_id=resource.id,
                number=1,
                author_id=owner,
                title=title,
                state=RevisionState.PUBLISHED,
                commitment_at=now(),
                published_at=now(),
                **fields,
            )
            session.add(revision)
            session.flush()
            resource.published_revision_id, resource.published_at = revision.id, now()
            for name, value in of_resource.items():
                setattr(resource, name, value)
            request_reindex(session, resource.id)
            return resource.id

    return write


def _somebody(session: Any) -> UUID:
    found = session.exec(select(User.id).where(User.email == "somebody@example.org")).first()
    if found is None:
        found = uuid4()
        session.add(User(id=found, email="somebody@example.org", name="某老师"))
        session.flush()
    return found


@pytest.fixture
def set_standing(engine: Engine) -> Callable[..., None]:
    """Withdraw, take down or delete, as the services do: the row and its reindex request in one transaction."""

    def write(resource_id: UUID, standing: Standing) -> None:
        with transaction(engine) as session:
            resource = session.get(LearningResource, resource_id)
            resource.standing, resource.standing_at = standing, now()
            request_reindex(session, resource_id)

    return write
