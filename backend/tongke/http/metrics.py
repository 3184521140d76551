"""Figures for Prometheus: requests as they are answered, and what waits, counted when somebody asks."""

from __future__ import annotations

import time
from datetime import datetime
from math import nan

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tongke.care.figures import figures
from tongke.db import now, reading
from tongke.http.deps import CurrentPlatform

router = APIRouter(include_in_schema=False)
REGISTRY = CollectorRegistry()
REQUESTS = Counter("tongke_http_requests", "Requests answered.", ("door", "method", "status"), registry=REGISTRY)
SECONDS = Histogram(
    "tongke_http_request_seconds",
    "From the first byte of the request to the last of the answer.",
    ("door",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
FREE = Gauge("tongke_free_bytes", "Room left where objects lie.", registry=REGISTRY)
WAITING = Gauge("tongke_revisions_waiting", "Revisions that wait for a reviewer.", registry=REGISTRY)
LONGEST_WAIT = Gauge("tongke_revisions_waiting_seconds", "How long the first of them waits.", registry=REGISTRY)
OLDEST_JOB = Gauge("tongke_oldest_due_job_seconds", "How long the first due job waits.", registry=REGISTRY)
BACKUP_AGE = Gauge("tongke_backup_age_seconds", "Age of the last backup; NaN: there is none.", registry=REGISTRY)
JOBS = Gauge("tongke_jobs", "Jobs by state.", ("state",), registry=REGISTRY)
REINDEX = Gauge("tongke_reindex_requests", "Changes the index does not show yet.", registry=REGISTRY)
_DOORS = (("/api/v1/uploads", "upload"), ("/api/", "api"), ("/static/", "static"), ("/upload", "upload"))
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class CountedRequests:
    """Counts every request by door, method and status; addresses, which may name people, are not kept."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        door = next((name for start, name in _DOORS if scope["path"].startswith(start)), "page")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        status, started = 500, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            REQUESTS.labels(door, method, str(status)).inc()
            SECONDS.labels(door).observe(time.perf_counter() - started)


@router.get("/metrics", name="metrics")
def metrics(platform: CurrentPlatform) -> Response:
    moment = now()
    with reading(platform.engine) as session:
        seen = figures(session, moment)
    JOBS.clear()
    for state, count in seen.jobs.items():
        JOBS.labels(state).set(count)
    REINDEX.set(seen.reindex_requests)
    WAITING.set(seen.revisions_waiting)
    LONGEST_WAIT.set(_seconds(moment, seen.waiting_since, nothing=0))
    OLDEST_JOB.set(_seconds(moment, seen.oldest_due_job_at, nothing=0))
    BACKUP_AGE.set(_seconds(moment, seen.last_backup_at, nothing=nan))
    FREE.set(free if (free := platform.store.free_bytes()) is not None else nan)
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)


def _seconds(moment: datetime, since: datetime | None, *, nothing: float) -> float:
    return nothing if since is None else max(0.0, (moment - since).total_seconds())
