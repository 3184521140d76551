"""Bringing a database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

FOLDER = Path(__file__).parent


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def head() -> str:
    """Return the newest revision the code knows."""
    revision = ScriptDirectory.from_config(configuration()).get_current_head()
    assert revision is not None
    return revision


def current(engine: Engine) -> str | None:
    """Return the revision the database is at; None when it is empty."""
    with engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the schema as ``connection`` sees it; None when there is none."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to ``revision`` within the caller's transaction."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def knows(revision: str) -> bool:
    """Whether ``revision`` is one of ours: a newer version's is not."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(configuration()).walk_revisions())


def migrate(engine: Engine) -> bool:
    """Bring the database to ``head``, in one transaction; returns whether there was anything to do."""
    if current(engine) == head():
        return False
    with engine.execution_options(tongke_writes=True).begin() as connection:
        upgrade(connection)
    return True
