"""How alembic reaches the database: on the connection it is handed."""

from __future__ import annotations

from alembic import context

from tongke.tables import metadata


def _run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


_run()
