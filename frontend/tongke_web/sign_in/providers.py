"""Signing in by an identity provider: there and back, its sign-out notices, and signing out there too."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from tongke.accounts import steps
from tongke.accounts.actor import Actor
from tongke.accounts.models import User
from tongke.accounts.oidc import identities
from tongke.accounts.oidc.errors import ProviderRefused, TokenRefused
from tongke.accounts.oidc.metadata import notebook
from tongke.accounts.oidc.providers import Provider, providers
from tongke.accounts.sign_in_models import StepKind
from tongke.db import transaction
from tongke.errors import Forbidden, NotFound, TongkeError
from tongke.http.deps import CurrentActor, CurrentPlatform, Db
from tongke.http.platform import Platform
from tongke.i18n import say
from tongke_web.rendering import Pages, own_path, page, see_other, see_other_path
from tongke_web.sign_in.asking import asking
from tongke_web.sign_in.cookies import browser_of, keep_browser
from tongke_web.sign_in.opening import Opening, after_first_step

if TYPE_CHECKING:
    from tongke.accounts.oidc.flow import Journey, Returned

router = APIRouter()
log = structlog.get_logger()


def _provider(platform: Platform, key: str) -> Provider:
    provider = providers(platform.settings).get(key)
    if provider is None:
        raise NotFound
    return provider


@router.get("/sign-in/with/{key}", name="sign_in:leave")
async def leave(
    request: Request,
    platform: CurrentPlatform,
    actor: CurrentActor,
    key: str,
    next: str = "/",  # noqa: A002 the address says next
    switch: bool = False,
    link: bool = False,
) -> Response:
    """Send the browser to the provider; ``switch`` lets the provider ask who is there this time."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise Forbidden(say("请从登录页面进入。"))
    if link and not actor.is_signed_in:
        return see_other_path(request, "/sign-in?next=/me/sign-in")
    provider = _provider(platform, key)
    return await asking(
        lambda: _leave(request, platform, provider, own_path(next), is_switch=switch, who=actor if link else None)
    )


def _leave(
    request: Request, platform: Platform, provider: Provider, path: str, *, is_switch: bool, who: Actor | None
) -> Response:
    from tongke.accounts.oidc import flow  # slow import: JOSE

    settings = platform.settings
    metadata = notebook.metadata(provider)
    browser = browser_of(request, settings) or secrets.token_urlsafe(32)
    with transaction(platform.engine) as session:
        address = flow.leave(
            session,
            provider,
            metadata,
            base_url=settings.base_url,
            browser=browser,
            next_path=path,
            is_switch=is_switch,
            linking_user_id=who.user_id if who else None,
        )
    response = Response(status_code=303, headers={"Location": address, "Referrer-Policy": "no-referrer"})
    keep_browser(response, settings, browser)
    return response


@router.get("/sign-in/return/{key}", name="sign_in:come_back")
async def come_back(request: Request, platform: CurrentPlatform, actor: CurrentActor, key: str) -> Response:
    """Take the person whom the provider sends back; every doubt is told and logged with its reason."""
    provider = _provider(platform, key)
    try:
        journey, returned = await asking(lambda: _returned(request, platform, provider))
        return await run_in_threadpool(_arrive, request, platform, provider, journey, returned, actor)
    except (TokenRefused, ProviderRefused) as error:
        why = error.reason if isinstance(error, TokenRefused) else error.error
        log.warning("oidc.sign_in_refused", provider=provider.key, why=str(why), detail=getattr(error, "detail", ""))
        raise


def _returned(request: Request, platform: Platform, provider: Provider) -> tuple[Journey, Returned]:
    from tongke.accounts.oidc import flow  # slow import: JOSE

    settings, asked = platform.settings, request.query_params
    with transaction(platform.engine) as session:
        browser = browser_of(request, settings)
        journey = flow.come_back(session, provider, browser=browser, state=asked.get("state", ""))
    metadata = notebook.metadata(provider)
    code = flow.check_answer(provider, metadata, asked)
    return journey, flow.exchange(provider, metadata, journey, code, base_url=settings.base_url)


def _arrive(
    request: Request, platform: Platform, provider: Provider, journey: Journey, returned: Returned, actor: Actor
) -> Response:
    with transaction(platform.engine) as session:
        if journey.linking_user_id:
            return _link(request, session, provider, journey, returned, actor)
        user = identities.recognise(session, provider, returned.arrival)
        if user is None:
            return _ask_who(request, session, platform, journey, returned)
        opening = Opening(journey.next, arrival=returned.arrival, id_token=returned.id_token)
        is_enough = provider.checks_second_step
        return after_first_step(request, session, platform.settings, user, opening, is_enough=is_enough)


def _link(
    request: Request, session: Db, provider: Provider, journey: Journey, returned: Returned, actor: Actor
) -> Response:
    """Whoever began to link must still be the one who is signed in."""
    if actor.user_id != journey.linking_user_id:
        raise Forbidden(say("开始关联的不是现在登录的人。请重新登录后再关联。"))
    user = session.get(User, actor.user_id)
    assert user is not None
    identities.link(session, user, returned.arrival)
    return see_other(request, "sign_in:ways", done=say("已关联 {name}。", name=provider.name))


def _ask_who(request: Request, session: Db, platform: Platform, journey: Journey, returned: Returned) -> Response:
    """Nobody here is this person yet: they sign in here once, and from then on the provider is enough."""
    browser = browser_of(request, platform.settings)
    token = steps.begin(session, StepKind.IDENTITY, browser, asdict(returned.arrival))
    pages: Pages = request.app.state.pages
    return see_other_path(request, pages.url("accounts:sign_in", {"link": token, "next": journey.next}))


@router.post("/sign-in/backchannel/{key}", name="sign_in:backchannel")
async def backchannel(platform: CurrentPlatform, key: str, logout_token: Annotated[str, Form()] = "") -> Response:
    """End what the provider's logout token names (the provider's server asks, not a browser)."""
    provider = _provider(platform, key)
    try:
        ended = await asking(lambda: _end(platform, provider, logout_token))
    except TongkeError as error:
        reason = str(error.reason) if isinstance(error, TokenRefused) else error.code
        log.warning("oidc.logout_refused", provider=provider.key, why=reason)
        return JSONResponse({"error": "invalid_request", "error_description": reason}, 400)
    log.info("oidc.logged_out", provider=provider.key, sessions=ended)
    return Response(status_code=200)


def _end(platform: Platform, provider: Provider, token: str) -> int:
    from tongke.accounts.oidc import sign_out, tokens  # slow import: JOSE

    claims = tokens.logout_token_claims(provider, token, lambda anew: notebook.keys(provider, anew=anew))
    with transaction(platform.engine) as session:
        return sign_out.end_from_provider(session, provider, claims)


@router.get("/sign-out/with/{key}", name="sign_in:leave_for_good")
async def leave_for_good(request: Request, platform: CurrentPlatform, key: str, step: str = "") -> Response:
    """End the session at the provider too; who signed out here a moment ago holds the token for it."""
    provider = _provider(platform, key)
    return await asking(lambda: _leave_for_good(request, platform, provider, step))


def _leave_for_good(request: Request, platform: Platform, provider: Provider, token: str) -> Response:
    from tongke.accounts.oidc import flow  # slow import: JOSE

    settings = platform.settings
    with transaction(platform.engine) as session:
        begun = steps.end(session, StepKind.PROVIDER, browser_of(request, settings), token)
    metadata = notebook.metadata(provider)
    id_token = begun.body.get("sign_out", "")
    address = flow.leave_for_good(provider, metadata, base_url=settings.base_url, id_token=id_token)
    if not address:
        return page(request, "sign_in/signed_out.html", provider=provider, step="")
    return Response(status_code=303, headers={"Location": address, "Referrer-Policy": "no-referrer"})
