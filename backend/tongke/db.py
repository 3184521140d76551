"""The database: engine, pragmas, column types, sessions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING
metadata: MetaData = SQLModel.metadata
SQLModel.model_config["defer_build"] = True  # tables never validate: building validators for them delays every start

Json = JSON().with_variant(JSONB(), "postgresql")
"""A JSON column: JSONB where there is one."""

CHINA = timezone(timedelta(hours=8))
_WRITES = "tongke_writes"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime in Python, on both databases (SQLite has no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    """The date where the schools are: the country has one time zone."""
    return datetime.now(CHINA).date()


def new_id() -> UUID:
    return uuid4()


def one_of(column: str, values: Iterator[str] | list[str] | type, *, name: str | None = None) -> CheckConstraint:
    """A CHECK that ``column`` holds one of ``values`` (a list, or a StrEnum)."""
    listed = ", ".join(f"'{v}'" for v in values)  # type: ignore[union-attr]
    return CheckConstraint(f"{column} IN ({listed})", name=name or column)


def rows_of(model: type[SQLModel], rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whole rows for a bulk insert: what is not given gets the model's default, as an instance would."""
    fixed: dict[str, Any] = {}
    made: dict[str, Callable[[], Any]] = {}
    for name, field in model.model_fields.items():
        if field.default_factory is not None:
            made[name] = cast("Callable[[], Any]", field.default_factory)
        elif not field.is_required():
            fixed[name] = field.default
    return [{**fixed, **{name: make() for name, make in made.items() if name not in row}, **row} for row in rows]


def open_database(url: str) -> Engine:
    """An engine for ``sqlite:///…`` (WAL, durable commits, foreign keys) or ``postgresql://…``."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 30}, pool_size=16, max_overflow=16)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    url = url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    # A transaction that reads first and writes later fails at once when another one wrote meanwhile
    # (SQLITE_BUSY_SNAPSHOT, which busy_timeout does not cover): those that may write say so and queue here.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.connection.dbapi_connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def reading(engine: Engine) -> Session:
    """A session that only reads; nothing is committed."""
    return Session(engine, expire_on_commit=False)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session that writes: committed when the block ends, rolled back when it raises."""
    with Session(engine.execution_options(**{_WRITES: True}), expire_on_commit=False) as session, session.begin():
        yield session
