"""Bringing a database to the newest schema. alembic is loaded only when there is something to bring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent


def configuration() -> Config:
    from alembic.config import Config  # slow import: a tenth of the start, for nothing when nothing is pending

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def head() -> str:
    """Return the newest revision the code knows."""
    return max(_known())


def knows(revision: str) -> bool:
    """Whether ``revision`` is one of ours: a newer version's is not."""
    return revision in _known()


def _known() -> set[str]:
    """Revisions are numbered, and so are their files."""
    return {path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*_*.py")}


def current(engine: Engine) -> str | None:
    """Return the revision the database is at; None when it is empty."""
    with engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the schema as ``connection`` sees it; None when there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to ``revision`` within the caller's transaction."""
    from alembic import command  # slow import: as above

    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def migrate(engine: Engine) -> bool:
    """Bring the database to ``head``, in one transaction; returns whether there was anything to do."""
    if current(engine) == head():
        return False
    with engine.execution_options(tongke_writes=True).begin() as connection:
        upgrade(connection)
    return True
