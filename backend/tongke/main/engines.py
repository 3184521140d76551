"""Opening the engines the settings name."""

from __future__ import annotations

from collections.abc import Callable

from tongke.config import Settings
from tongke.db import open_database
from tongke.http.platform import Platform
from tongke.search import open_search
from tongke.storage import open_storage


def open_platform(settings: Settings, wake: Callable[[], None] | None = None) -> Platform:
    """Open database, object store and search engine as the settings say."""
    engine = open_database(settings.database)
    platform = Platform(
        settings=settings, engine=engine, store=open_storage(settings.storage), search=open_search(settings.search)
    )
    if wake is None:
        return platform
    return Platform(settings, engine, platform.store, platform.search, wake)
