"""The upload door alone, as an application: for tests that start, kill and measure a real server process."""

from __future__ import annotations

import os
from typing import cast

from fastapi import FastAPI
from sqlalchemy import Engine

from tongke.api.v1 import uploads
from tongke.config import Settings
from tongke.db import open_database
from tongke.errors import TongkeError
from tongke.http.platform import Platform
from tongke.http.problems import problem_of_error
from tongke.media import uploads_lease
from tongke.search.base import SearchEngine
from tongke.storage import open_storage


def app_of(platform: Platform) -> FastAPI:
    app = FastAPI()
    app.state.platform = platform
    app.add_exception_handler(TongkeError, problem_of_error)
    app.include_router(uploads.router, prefix="/api/v1")
    return app


def create() -> FastAPI:
    """For ``granian --factory``: settings from the environment, as ever."""
    settings = Settings()
    if "TEST_LEASE_S" in os.environ:
        uploads_lease.LEASE_S = float(os.environ["TEST_LEASE_S"])
        uploads_lease.RENEWED_AFTER_S = uploads_lease.LEASE_S / 4
    _stop_at(os.environ.get("TEST_KILL_AT", ""))
    return app_of(platform_without_search(settings, open_database(settings.database)))


def platform_without_search(settings: Settings, engine: Engine) -> Platform:
    """No byte's way leads past the search engine."""
    return Platform(settings, engine, open_storage(settings.storage), cast("SearchEngine", None))


def _stop_at(point: str) -> None:
    """End this process, as SIGKILL would, when it reaches ``module:function[:before|after]``."""
    if not point:
        return
    import importlib
    import signal

    module_name, name, moment = point.split(":")
    module = importlib.import_module(module_name)
    owner, _, attribute = name.rpartition(".")
    holder = getattr(module, owner) if owner else module
    original = getattr(holder, attribute)

    def killed(*args, **kwargs):
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, attribute, killed)
