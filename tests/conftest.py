"""What every test may ask for: a database, a store, a search engine, the application and people to use it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, select
from tests.profiles import Profile, open_profile

from tongke.accounts import service as accounts
from tongke.accounts import sign_in
from tongke.accounts.actor import Actor
from tongke.accounts.models import Locality, Region, Role, School, SchoolKind, User
from tongke.config import Settings
from tongke.db import open_database, reading, transaction
from tongke.http.platform import Platform

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

PASSWORD = "correct horse 同课"
COUNTY = ("330127", "淳安县")
BASE_URL = "http://testserver"
CONTENT_URL = "http://content.testserver"


@pytest.fixture(scope="session")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """Where tests keep their state: SQLite and files, or with TEST_PROFILE=regional PostgreSQL and S3."""
    with open_profile(tmp_path_factory.mktemp("profile")) as profile:
        yield profile


@pytest.fixture
def settings(profile: Profile, tmp_path: Path) -> Iterator[Settings]:
    with profile.fresh(tmp_path) as addresses:
        yield Settings(
            data_dir=tmp_path,
            base_url=BASE_URL,
            content_url=CONTENT_URL,
            secret_key="a secret for tests only, long enough",
            free_space_reserve_bytes=0,
            **addresses,
        )


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_database(settings.database)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A writing session; commit or leave: the transaction ends with the test."""
    with transaction(engine) as session:
        yield session


@pytest.fixture
def platform(settings: Settings, engine: Engine) -> Platform:
    from tongke.search import open_search
    from tongke.storage import open_storage

    return Platform(settings, engine, open_storage(settings.storage), open_search(settings.search))


@pytest.fixture(scope="session")
def _app_of_the_run() -> dict[str, FastAPI]:
    return {}


@pytest.fixture
def app(platform: Platform, _app_of_the_run: dict[str, FastAPI]) -> FastAPI:
    """The real application, built once a run; each test gives it its own platform."""
    from tongke.http import rate_limits
    from tongke.main.app import create_app

    rate_limits._limiter.storage.reset()  # tests share one address: what others tried this minute is not theirs
    if "app" not in _app_of_the_run:
        _app_of_the_run["app"] = create_app(platform)
    app = _app_of_the_run["app"]
    app.state.platform = platform
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A browser of nobody's: follows no redirects."""
    from starlette.testclient import TestClient

    with TestClient(app, base_url=BASE_URL, follow_redirects=False) as client:
        yield client


@pytest.fixture
def county(engine: Engine) -> str:
    """A county with its city and province; returns its code."""
    code, name = COUNTY
    with transaction(engine) as session:
        if session.get(Region, code) is None:
            session.add(Region(code=code[:2], name="浙江省", level="province"))
            session.flush()
            session.add(Region(code=code[:4], name="杭州市", level="city", parent_code=code[:2]))
            session.flush()
            session.add(Region(code=code, name=name, level="county", parent_code=code[:4]))
    return code


@pytest.fixture
def make_school(engine: Engine, county: str) -> Callable[..., School]:
    def make(
        name: str = "千岛湖镇中心小学",
        *,
        region: str = county,
        locality: Locality = Locality.TOWN,
        kind: SchoolKind = SchoolKind.PRIMARY,
    ) -> School:
        with transaction(engine) as session:
            number = len(session.exec(select(School.id)).all()) + 1
            return accounts.create_school(
                session, code=f"S{number:03}", name=name, kind=kind, locality=locality, region_code=region
            )

    return make


@pytest.fixture
def make_user(engine: Engine) -> Callable[..., User]:
    """Create a person; ``school`` and ``region`` as ``create_user`` takes them."""

    def make(
        name: str = "王老师",
        *,
        role: Role = Role.TEACHER,
        school: School | None = None,
        region: str | None = None,
        email: str | None = None,
    ) -> User:
        with transaction(engine) as session:
            number = len(session.exec(select(User.id)).all()) + 1
            return accounts.create_user(
                session,
                email=email or f"p{number}@example.org",
                name=name,
                password=None,
                role=role,
                school=school,
                region_code=region,
            )

    return make


@pytest.fixture
def actor_of(engine: Engine) -> Callable[[User], Actor]:
    def actor(user: User) -> Actor:
        with reading(engine) as session:
            return sign_in.actor_of_user(session, user.id)

    return actor


@pytest.fixture
def signed_in(app: FastAPI, engine: Engine) -> Iterator[Callable[[User], TestClient]]:
    """Open a browser in which somebody is signed in."""
    from starlette.testclient import TestClient

    from tongke.http.deps import session_cookie

    with contextlib.ExitStack() as stack:

        def browser(user: User) -> TestClient:
            client = stack.enter_context(TestClient(app, base_url=BASE_URL, follow_redirects=False))
            with transaction(engine) as session:
                token = sign_in.open_session(session, user, days=1)
            client.cookies.set(session_cookie(app.state.platform.settings), token)
            return client

        yield browser


@pytest.fixture
def token_of(engine: Engine) -> Callable[[User], dict[str, str]]:
    """Return the Authorization header of a fresh token."""

    def header(user: User) -> dict[str, str]:
        with transaction(engine) as session:
            return {"Authorization": f"Bearer {accounts.create_token(session, user)}"}

    return header


@pytest.fixture
def queries_of(engine: Engine) -> Callable[[], contextlib.AbstractContextManager[list[str]]]:
    """Collect the statements the database was sent within a block, transaction control aside."""

    @contextlib.contextmanager
    def collect() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection, _cursor, statement, *_rest) -> None:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")):
                statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect


@pytest.fixture
def shared() -> Path:
    """The folder of shared reference material; tests that read it are skipped without it."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.exists():
        pytest.skip("no ../shared beside the repository")
    return folder


@pytest.fixture
def ffmpeg() -> str:
    path = shutil.which("ffmpeg")
    if path is None:
        pytest.skip("ffmpeg is not installed")
    return path


def as_uuid(text: str) -> UUID:
    return UUID(text)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real S3 for the whole session: an address to which a test adds ``/bucket-of-its-own``."""
    from tests.servers import seaweedfs

    with seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as address:
        yield address
