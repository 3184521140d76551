"""The demo as a visitor finds it: loaded through the real doors, resumed after a kill, and only once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select
from tests.profiles import Profile

from tongke.accounts.actor import ANONYMOUS
from tongke.accounts.models import School, User
from tongke.audit.models import AuditEvent
from tongke.collections import queries as collection_queries
from tongke.collections.models import Collection, CollectionItem
from tongke.config import Settings
from tongke.curriculum.shipping import load_shipped
from tongke.db import metadata, open_database, reading, transaction
from tongke.demo.loader import is_loaded, load_demo
from tongke.demo.manifest import DemoResource, read_manifest
from tongke.demo.people import Cast, cast
from tongke.demo.stories import known
from tongke.media.models import Asset
from tongke.resources import queries
from tongke.resources.models import LearningResource, ProblemReport, Rating, Revision
from tongke.storage import open_storage
from tongke.storage.base import BlobStore, blob_key

pytestmark = pytest.mark.slow
MANIFEST = read_manifest()
KILLED_AT = 25


class Killed(BaseException):
    """Stands for the process ending there."""


@pytest.fixture(scope="module")
def county(profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, BlobStore, Settings]]:
    """A demo whose first loading was killed half way and whose second went through."""
    folder = tmp_path_factory.mktemp("demo")
    with profile.fresh(folder) as addresses:
        settings = Settings(data_dir=folder, secret_key="for the demo's tests", **addresses)
        engine, store = open_database(settings.database), open_storage(settings.storage)
        with transaction(engine) as session:
            load_shipped(session)

        def kill(done: int, _all: int) -> None:
            if done == KILLED_AT:
                raise Killed

        with pytest.raises(Killed):
            load_demo(engine, store, settings=settings, watch=kill)
        assert not is_loaded(engine)
        assert load_demo(engine, store, settings=settings).resources == len(MANIFEST.resources) - KILLED_AT
        yield engine, store, settings
        engine.dispose()


@pytest.fixture
def engine(county: tuple[Engine, BlobStore, Settings]) -> Engine:
    return county[0]


@pytest.fixture
def people(engine: Engine) -> Cast:
    return cast(engine, MANIFEST)


def found(session: Session, people: Cast, told: DemoResource) -> LearningResource:
    resource = known(session, people, told)
    assert resource is not None
    return resource


def test_everything_is_there_after_a_killed_loading(engine: Engine) -> None:
    with reading(engine) as session:
        counts = {t: session.scalar(select(func.count()).select_from(t)) for t in (School, User, Rating, Collection)}
        reports = session.scalar(select(func.count()).select_from(ProblemReport))
        items = session.scalar(select(func.count()).select_from(CollectionItem))

    assert is_loaded(engine)
    assert counts == {School: 12, User: 20, Rating: len(MANIFEST.ratings), Collection: len(MANIFEST.collections)}
    assert reports == len(MANIFEST.reports)
    assert items == sum(len(c.items) for c in MANIFEST.collections)


@pytest.mark.parametrize("told", MANIFEST.resources, ids=lambda t: t.key)
def test_resource_ends_in_the_state_its_story_tells(told: DemoResource, engine: Engine, people: Cast) -> None:
    with reading(engine) as session:
        resource = found(session, people, told)
        state = queries.state_of(resource, queries.latest_revision(session, resource.id))

    assert state == told.state


def test_loading_again_writes_nothing(county: tuple[Engine, BlobStore, Settings]) -> None:
    engine, store, settings = county
    before = _counts(engine)

    loaded = load_demo(engine, store, settings=settings)

    assert (loaded.people_and_schools, loaded.resources, loaded.collections) == (0, 0, 0)
    assert _counts(engine) == before


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in metadata.sorted_tables
        }


def test_every_original_is_in_the_store_once(county: tuple[Engine, BlobStore, Settings]) -> None:
    engine, store, _ = county
    with reading(engine) as session:
        assets = session.exec(select(Asset.sha256, Asset.size_bytes)).all()

    assert len(assets) == len({sha256 for sha256, _ in assets})
    assert [store.stat(blob_key(sha256)).size_bytes for sha256, _ in assets] == [size for _, size in assets]


def test_reader_without_an_account_finds_only_what_is_public_and_published(engine: Engine, people: Cast) -> None:
    with reading(engine) as session:
        open_to_all = {t.key for t in MANIFEST.resources if _reads(session, people, t)}

    assert open_to_all == {
        t.key for t in MANIFEST.resources if t.state == "published" and t.fields["visibility"] == "public"
    }


def _reads(session: Session, people: Cast, told: DemoResource) -> bool:
    statement = select(Revision.id).where(
        Revision.resource_id == found(session, people, told).id, queries.in_audience(ANONYMOUS), queries.published_now()
    )
    return (
        session.exec(statement.join(LearningResource, LearningResource.id == Revision.resource_id)).first() is not None
    )


def test_a_newer_revision_supersedes_and_another_waits_for_review(engine: Engine, people: Cast) -> None:
    by_key = {t.key: t for t in MANIFEST.resources}
    with reading(engine) as session:
        film = found(session, people, by_key["film-decimal-division"])
        table = found(session, people, by_key["companion-grade3"])
        states = {r.id: _states(session, r) for r in (film, table)}

    assert states[film.id] == ["superseded", "published"]
    assert states[table.id] == ["published", "submitted"]


def _states(session: Session, resource: LearningResource) -> list[str]:
    wanted = select(Revision.state).where(Revision.resource_id == resource.id)
    return list(session.exec(wanted.order_by(Revision.number)).all())


def test_adaptation_names_what_it_is_based_on(engine: Engine, people: Cast) -> None:
    by_key = {t.key: t for t in MANIFEST.resources}
    with reading(engine) as session:
        village = found(session, people, by_key["plan-division-village"])
        town = found(session, people, by_key["plan-division-town"])

    assert village.is_based_on_id == town.id


def test_take_down_is_told_in_the_audit_with_its_reason(engine: Engine, people: Cast) -> None:
    told = next(t for t in MANIFEST.resources if t.state == "taken_down")
    with reading(engine) as session:
        resource = found(session, people, told)
        event = session.exec(
            select(AuditEvent).where(
                AuditEvent.subject_id == str(resource.id), AuditEvent.action == "resource.take_down"
            )
        ).one()

    assert event.reason == told.steps[-1].reason
    assert event.actor_id == people["office"].user_id


def test_public_collections_show_their_lessons_in_order(engine: Engine) -> None:
    with reading(engine) as session:
        lines, total = collection_queries.public(session, ANONYMOUS)

    assert total == 3
    assert {line.title for line in lines} == {c.title for c in MANIFEST.collections}
