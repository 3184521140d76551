"""The web application: engines opened from the settings, edges mounted, guards around them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tongke import __version__
from tongke.api.v1 import API_DESCRIPTION, routers
from tongke.errors import TongkeError, Unforeseen
from tongke.http import health, metrics
from tongke.http.access_log import AccessLog
from tongke.http.client_address import ClientAddress
from tongke.http.mishaps import Mishaps
from tongke.http.platform import Platform
from tongke.http.problems import problem_of_error, problem_of_http, problem_of_validation
from tongke.http.security import BodyLimit, SameOriginWrites, SecurityHeaders
from tongke_web import rendering
from tongke_web.app import mount_pages, mount_search

MACHINE_PATHS = ("/api/", "/oembed", "/oai", "/lti/", "/ims/")


def create_app(platform: Platform, log: Callable[[str], None] | None = None) -> FastAPI:
    """The application of the first origin: pages and machine doors around ``platform``; ``log`` gets the access log."""
    app = FastAPI(
        title="Tongke 同课",
        version=__version__,
        description=API_DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
    )
    app.state.platform = platform
    mount_search(app)  # routes are tried in order, and this one is asked for most
    app.include_router(health.router)
    app.include_router(metrics.router)
    for router in routers():
        app.include_router(router)
    mount_pages(app)
    for kind, answer in (
        (TongkeError, problem_of_error),
        (RequestValidationError, problem_of_validation),
        (HTTPException, problem_of_http),
    ):
        app.add_exception_handler(kind, _for_programs_or_people(answer))
    app.add_middleware(Mishaps, answer=_unforeseen)
    app.add_middleware(BodyLimit)
    app.add_middleware(SameOriginWrites, settings=platform.settings)
    app.add_middleware(SecurityHeaders, settings=platform.settings)
    if log is not None:
        app.add_middleware(AccessLog, origin="pages", write=log)
    app.add_middleware(ClientAddress, hops=platform.settings.proxy_hops)
    app.add_middleware(metrics.CountedRequests)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    platform: Platform = app.state.platform
    anyio.to_thread.current_default_thread_limiter().total_tokens = platform.settings.web_threads
    yield


def _for_programs_or_people(
    answer: Callable[[Request, Exception], Response],
) -> Callable[[Request, Exception], Response]:
    """Machine doors answer problem details, pages answer a page or a notice."""

    def handler(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(MACHINE_PATHS):
            return answer(request, error)
        return rendering.answer_error(request, _to_tell(error))

    return handler


def _unforeseen(request: Request) -> Response:
    return _for_programs_or_people(problem_of_error)(request, Unforeseen())


def _to_tell(error: Exception) -> TongkeError:
    if isinstance(error, TongkeError):
        return error
    if isinstance(error, HTTPException):
        return rendering.error_of_status(error.status_code)
    return rendering.error_of_status(422)
