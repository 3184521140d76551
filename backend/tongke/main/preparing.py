"""Bringing a database up to date: the schema, and the facts that ship with the platform."""

from __future__ import annotations

from sqlalchemy import Engine

from tongke.curriculum.shipping import is_current, load_shipped
from tongke.db import reading, transaction
from tongke.migrations.runner import migrate
from tongke.resources.alignments import reindex_aligned


def prepare_database(engine: Engine) -> bool:
    """Migrate, and load the shipped regions and frameworks where they changed; returns whether anything did."""
    changed = migrate(engine)
    with reading(engine) as session:
        is_loaded = is_current(session)
    if not is_loaded:
        with transaction(engine) as session:
            reindex_aligned(session, load_shipped(session).changed_ids)
    return changed or not is_loaded
