"""Whether the process is alive, and whether each part of the platform answers."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tongke.errors import BlobNotFound, Unavailable
from tongke.http.deps import CurrentPlatform
from tongke.http.platform import Platform
from tongke.search.base import Query

router = APIRouter(include_in_schema=False)


@router.get("/healthz", name="healthz")
def alive() -> PlainTextResponse:
    return PlainTextResponse("ok")


@router.get("/readyz", name="readyz")
def ready(platform: CurrentPlatform) -> JSONResponse:
    """Each part and whether it answers; 503 when the database or the store does not (search has a fallback)."""
    parts = {
        "database": _answers(lambda: _ask_database(platform)),
        "storage": _answers(lambda: _ask_store(platform)),
        "search": _answers(lambda: platform.search.search(Query(page_size=1, facets=()))),
    }
    is_ready = parts["database"] and parts["storage"]
    body = {"ready": is_ready, "parts": {name: "ok" if ok else "unavailable" for name, ok in parts.items()}}
    return JSONResponse(body, 200 if is_ready else 503)


def _ask_database(platform: Platform) -> None:
    with platform.engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM alembic_version"))


def _ask_store(platform: Platform) -> None:
    try:
        platform.store.stat(f"health/{UUID(int=0)}")
    except BlobNotFound:
        return


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except (Unavailable, SQLAlchemyError):
        return False
    return True
