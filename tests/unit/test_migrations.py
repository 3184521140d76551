"""Migrations lead to what the code expects, on both databases, and twice is as good as once."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect
from tests.profiles import empty_database

from tongke.db import metadata, open_database
from tongke.migrations import runner


@pytest.fixture
def empty(profile, tmp_path: Path):
    with empty_database(profile, tmp_path) as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


def test_migrated_database_is_what_the_models_say(empty) -> None:
    runner.migrate(empty)

    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(empty) -> None:
    assert runner.current(empty) is None
    assert runner.migrate(empty) is True
    assert runner.migrate(empty) is False
    assert runner.current(empty) == runner.head()


def test_newest_revision_by_its_number_is_the_end_of_the_chain() -> None:
    assert ScriptDirectory.from_config(runner.configuration()).get_heads() == [runner.head()]


def test_migration_that_fails_halfway_leaves_nothing_behind(empty, monkeypatch) -> None:
    def broken(_connection) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr("tongke.review.constraints.install_constraints", broken)
    with pytest.raises(RuntimeError):
        runner.migrate(empty)
    monkeypatch.undo()

    assert inspect(empty).get_table_names() == []
    assert runner.migrate(empty) is True
