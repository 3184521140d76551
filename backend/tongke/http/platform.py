"""The opened platform: settings and engines, put together once by ``tongke.main`` and carried by the application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine
from starlette.requests import HTTPConnection

from tongke.config import Settings
from tongke.search.base import SearchEngine
from tongke.storage.base import BlobStore


def _nobody_waits() -> None:
    """Nothing runs beside this process that would want to know."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What handlers work with. ``wake`` tells the indexer and the worker that there is something to do."""

    settings: Settings
    engine: Engine
    store: BlobStore
    search: SearchEngine
    wake: Callable[[], None] = _nobody_waits


def platform_of(connection: HTTPConnection) -> Platform:
    platform: Platform = connection.app.state.platform
    return platform
