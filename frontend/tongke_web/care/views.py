"""The administrators' first page, and the list of work that failed."""

from __future__ import annotations

from math import ceil
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from tongke.care.certificate import CertificateWatch
from tongke.care.failed_work import failed_jobs
from tongke.care.needs import needs
from tongke.http.deps import CurrentPlatform, Db, SignedIn
from tongke_web.rendering import Pages, page

router = APIRouter(prefix="/admin")
PAGE_SIZE = 50


@router.get("", name="admin:home")
def today(request: Request, db: Db, actor: SignedIn, platform: CurrentPlatform) -> Response:
    """What waits for this administrator."""
    watch = _watch(request, platform.settings.base_url)
    found = needs(db, actor, platform.settings, platform.store, watch.ends())
    return page(request, "care/today.html", needs=found)


@router.get("/jobs", name="admin:jobs")
def jobs(
    request: Request, db: Db, actor: SignedIn, number: Annotated[int, Query(ge=1, le=100_000, alias="page")] = 1
) -> Response:
    """Work that was given up, with its reason."""
    rows, total = failed_jobs(db, actor, page=number, page_size=PAGE_SIZE)
    pages: Pages = request.app.state.pages
    return page(
        request,
        "care/jobs.html",
        jobs=rows,
        total=total,
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=lambda n: pages.url("admin:jobs", {"page": n}),
    )


def _watch(request: Request, base_url: str) -> CertificateWatch:
    state = request.app.state
    if not hasattr(state, "certificate_watch"):
        state.certificate_watch = CertificateWatch(base_url)
    watch: CertificateWatch = state.certificate_watch
    return watch
