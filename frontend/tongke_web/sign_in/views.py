"""The page to sign in on, signing in by password, and signing out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from tongke.accounts import password_sign_in, passwords, sign_in, steps, tries
from tongke.accounts.actor import ANONYMOUS
from tongke.accounts.oidc.providers import Provider, providers
from tongke.accounts.password_sign_in import Attempt, Verdict
from tongke.accounts.sign_in_models import StepKind
from tongke.accounts.webauthn_hosts import passkeys_are_possible
from tongke.config import Settings
from tongke.db import reading, transaction
from tongke.errors import Invalid, SignInRequired, TongkeError, TooManyRequests
from tongke.http.deps import CurrentActor, CurrentPlatform, CurrentSettings, Db, session_cookie
from tongke.http.platform import Platform
from tongke.i18n import say
from tongke_web.rendering import own_path, page, see_other_path
from tongke_web.sign_in.cookies import browser_of, forget_session, keep_browser
from tongke_web.sign_in.hashing import hashing
from tongke_web.sign_in.opening import Opening, after_first_step

router = APIRouter()
Field = Annotated[str, Form()]


@router.get("/sign-in", name="accounts:sign_in")
def sign_in_form(
    request: Request,
    actor: CurrentActor,
    platform: CurrentPlatform,
    next: str = "/",  # noqa: A002 the address says next
    link: str = "",
    again: bool = False,
) -> Response:
    """The page; whoever is signed in goes on, unless they came to show once more that it is they."""
    if actor.is_signed_in and not again and not link:
        return see_other_path(request, own_path(next))
    return sign_in_page(request, platform, next_path=next, link=link, again=again)


def sign_in_page(
    request: Request,
    platform: Platform,
    *,
    next_path: str,
    link: str = "",
    again: bool = False,
    email: str = "",
    error: TongkeError | None = None,
    status: int = 200,
) -> Response:
    """The page with the providers' names from the settings: no provider is asked anything to draw it."""
    return page(
        request,
        "sign_in/sign_in.html",
        fragment="form",
        status=status,
        next=own_path(next_path),
        email=email,
        error=error,
        again=again,
        providers=list(providers(platform.settings).values()),
        has_passkeys=passkeys_are_possible(platform.settings),
        **_waiting_identity(request, platform, link),
    )


def _waiting_identity(request: Request, platform: Platform, link: str) -> dict[str, Any]:
    """Whom a provider brought and nobody here is yet: they sign in once, and are linked."""
    nobody: dict[str, Any] = {"link": "", "linking": None, "linking_name": ""}
    if not link:
        return nobody
    with reading(platform.engine) as session:
        try:
            step = steps.look(session, StepKind.IDENTITY, browser_of(request, platform.settings), link)
        except Invalid:
            return nobody
    provider = providers(platform.settings).get(step.body["provider"])
    return {"link": link, "linking": provider, "linking_name": step.body["name"] or step.body["email"]}


@router.post("/sign-in", name="accounts:sign_in_post")
async def sign_in_post(
    request: Request,
    platform: CurrentPlatform,
    email: Field = "",
    password: Field = "",
    next: Field = "/",  # noqa: A002 the field says next
    link: Field = "",
    own: Annotated[bool, Form()] = False,
) -> Response:
    """Open a session; both a wrong name and a wrong password come back as the form with one sentence."""
    opening = Opening(own_path(next), link, is_shared=not own)
    try:
        attempt = await run_in_threadpool(_begin, request, platform, email)
        verdict = await hashing(lambda: password_sign_in.judge(attempt, password))
        return await run_in_threadpool(_open, request, platform, attempt, verdict, opening)
    except (SignInRequired, TooManyRequests, Invalid) as error:
        return await run_in_threadpool(_refused, request, platform, error, opening, email)


def _begin(request: Request, platform: Platform, email: str) -> Attempt:
    address = address_of(request)
    who = tries.guesser(platform.settings.signing_key, name=email, address=address)
    user_agent = request.headers.get("user-agent", "")
    with transaction(platform.engine) as session:
        return password_sign_in.begin(session, who, email=email, address=address, user_agent=user_agent)


def _open(request: Request, platform: Platform, attempt: Attempt, verdict: Verdict, opening: Opening) -> Response:
    if not verdict.is_right:
        raise password_sign_in.wrong_password()
    with transaction(platform.engine) as session:
        user = password_sign_in.succeed(session, attempt, verdict)
        return after_first_step(request, session, platform.settings, user, opening)


def _refused(request: Request, platform: Platform, error: TongkeError, opening: Opening, email: str) -> Response:
    is_early = isinstance(error, TooManyRequests)
    response = sign_in_page(
        request,
        platform,
        next_path=opening.next_path,
        link=opening.link,
        email=email,
        error=error,
        status=429 if is_early else 422,
    )
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


@router.post("/sign-out", name="accounts:sign_out")
def sign_out(request: Request, db: Db, settings: CurrentSettings) -> Response:
    """End the session and empty the browser; whoever came by a provider is offered to sign out there too."""
    token = request.cookies.get(session_cookie(settings), "")
    theirs = sign_in.provider_session(db, token) if token else None
    provider = providers(settings).get(theirs.provider) if theirs else None
    if theirs and provider:
        response = _signed_out_page(request, db, settings, provider, theirs.id_token)
    else:
        response = see_other_path(request, "/", done=say("您已退出登录。"))
    if token:
        sign_in.sign_out(db, token)
    forget_session(response, settings)
    return response


def _signed_out_page(request: Request, db: Db, settings: Settings, provider: Provider, id_token: str) -> Response:
    browser = browser_of(request, settings) or passwords.new_token()
    step = steps.begin(db, StepKind.PROVIDER, browser, {"provider": provider.key, "sign_out": id_token})
    request.state.actor = ANONYMOUS
    response = page(request, "sign_in/signed_out.html", provider=provider, step=step)
    keep_browser(response, settings, browser)
    return response
