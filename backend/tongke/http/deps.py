"""What handlers ask for: a transaction, the actor, the engines, the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session

from tongke.accounts import sign_in
from tongke.accounts.actor import ANONYMOUS, Actor
from tongke.config import Settings
from tongke.db import reading, transaction
from tongke.errors import ScopeMissing, SignInRequired
from tongke.http.platform import Platform, platform_of
from tongke.i18n import choose_locale, say
from tongke.search.base import SearchEngine
from tongke.storage.base import BlobStore

READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOCALE_COOKIE = "tongke_locale"


def session_cookie(settings: Settings) -> str:
    """The cookie's name: its own, since programs on one host share cookies whatever the port."""
    return "__Host-tongke_session" if settings.is_https else "tongke_session"


def unit_of_work(request: Request) -> Iterator[Session]:
    """One request, one transaction, committed before the answer leaves; reading methods only read."""
    platform = platform_of(request)
    if request.method in READING_METHODS:
        with reading(platform.engine) as session:
            yield session
    else:
        with transaction(platform.engine) as session:
            yield session
        note_use(request)
        platform.wake()


Db = Annotated[Session, Depends(unit_of_work, scope="function")]


async def current_actor(request: Request) -> Actor:
    """Who asks.

    Read in a transaction of its own: a handler that waits for bytes must not hold the one that writes. Whoever shows
    nothing is nobody, which is known without a thread or the database.
    """
    if "authorization" not in request.headers and not request.cookies.get(
        session_cookie(platform_of(request).settings)
    ):
        request.state.actor = ANONYMOUS
        return ANONYMOUS
    return await run_in_threadpool(_read_actor, request)


def _read_actor(request: Request) -> Actor:
    with reading(platform_of(request).engine) as session:
        actor = actor_behind(request, session)
    if request.method in READING_METHODS:  # else the request's own transaction may be open: it is noted after that
        note_use(request)
    return actor


def note_use(request: Request) -> None:
    """Note that the session or the token in hand was used just now; in a transaction of its own, a few a minute."""
    engine = platform_of(request).engine
    if stale := getattr(request.state, "stale_session", None):
        sign_in.touch(engine, stale)
    if used := getattr(request.state, "used_token", None):
        sign_in.touch_token(engine, used)
    request.state.stale_session = request.state.used_token = None


def actor_behind(request: Request, session: Session) -> Actor:
    """Who asks, by bearer token or session cookie; a wrong token is an error, a wrong cookie nobody."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        actor = sign_in.actor_of_token(session, token.strip())
        request.state.used_token = token.strip()
    else:
        actor = _actor_of_cookie(request, session)
    request.state.actor = actor
    return actor


def _actor_of_cookie(request: Request, session: Session) -> Actor:
    platform = platform_of(request)
    token = request.cookies.get(session_cookie(platform.settings))
    if not token:
        return ANONYMOUS
    settings = platform.settings
    actor, is_stale = sign_in.actor_of_cookie(
        session,
        token,
        idle_minutes=settings.session_idle_minutes,
        shared_idle_minutes=settings.shared_idle_minutes,
    )
    if is_stale:
        request.state.stale_session = token
    return actor


CurrentActor = Annotated[Actor, Depends(current_actor)]


async def signed_in_actor(actor: CurrentActor) -> Actor:
    """Return the actor; raises ``SignInRequired`` when nobody is signed in."""
    if not actor.is_signed_in:
        raise SignInRequired(say("请先登录，再继续。"))
    return actor


def needs_scope(scope: str) -> Any:
    """A dependency: a token narrowed to other scopes is refused with the name of the one it lacks."""

    async def check(actor: CurrentActor) -> None:
        if actor.is_signed_in and not actor.may_use(scope):
            raise ScopeMissing(scope)

    return Depends(check)


SignedIn = Annotated[Actor, Depends(signed_in_actor)]


# Plain lookups are ``async``: FastAPI would send each ``def`` to a thread of its own.
async def _platform(request: Request) -> Platform:
    return platform_of(request)


CurrentPlatform = Annotated[Platform, Depends(_platform)]


async def _store(platform: CurrentPlatform) -> BlobStore:
    return platform.store


async def _search(platform: CurrentPlatform) -> SearchEngine:
    return platform.search


async def _settings(platform: CurrentPlatform) -> Settings:
    return platform.settings


Store = Annotated[BlobStore, Depends(_store)]
Search = Annotated[SearchEngine, Depends(_search)]
CurrentSettings = Annotated[Settings, Depends(_settings)]


def locale_of(request: Request) -> str:
    """The reader's language: the browser's choice here, then the person's, then what the browser asks for."""
    actor: Actor = getattr(request.state, "actor", ANONYMOUS)
    return choose_locale(request.cookies.get(LOCALE_COOKIE), actor.locale, request.headers.get("accept-language"))


Locale = Annotated[str, Depends(locale_of)]
