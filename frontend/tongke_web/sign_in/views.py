"""Signing in by password, and signing out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from tongke.accounts import password_sign_in, sign_in, tries
from tongke.accounts.password_sign_in import Attempt, Verdict
from tongke.db import transaction
from tongke.errors import SignInRequired, TooManyRequests
from tongke.http.deps import CurrentActor, CurrentPlatform, CurrentSettings, Db, session_cookie
from tongke.http.platform import Platform
from tongke.i18n import say
from tongke_web.rendering import own_path, page, see_other_path
from tongke_web.sign_in.cookies import forget_session, keep_session
from tongke_web.sign_in.hashing import hashing

router = APIRouter()
Field = Annotated[str, Form()]


@router.get("/sign-in", name="accounts:sign_in")
def sign_in_form(request: Request, actor: CurrentActor, next: str = "/") -> Response:  # noqa: A002 the address says next
    if actor.is_signed_in:
        return see_other_path(request, own_path(next))
    return page(request, "sign_in/sign_in.html", next=own_path(next), email="", error=None)


@router.post("/sign-in", name="accounts:sign_in_post")
async def sign_in_post(
    request: Request,
    platform: CurrentPlatform,
    email: Field = "",
    password: Field = "",
    next: Field = "/",  # noqa: A002 the field says next
) -> Response:
    """Open a session; both a wrong name and a wrong password come back as the form with one sentence."""
    try:
        attempt = await run_in_threadpool(_begin, request, platform, email)
        verdict = await hashing(lambda: password_sign_in.judge(attempt, password))
        return await run_in_threadpool(_open, request, platform, attempt, verdict, own_path(next))
    except (SignInRequired, TooManyRequests) as error:
        context: dict[str, Any] = {"next": own_path(next), "email": email, "error": error}
        return await run_in_threadpool(_refused, request, error, context)


def _begin(request: Request, platform: Platform, email: str) -> Attempt:
    address = address_of(request)
    who = tries.guesser(platform.settings.signing_key, name=email, address=address)
    user_agent = request.headers.get("user-agent", "")
    with transaction(platform.engine) as session:
        return password_sign_in.begin(session, who, email=email, address=address, user_agent=user_agent)


def _open(request: Request, platform: Platform, attempt: Attempt, verdict: Verdict, path: str) -> Response:
    if not verdict.is_right:
        raise password_sign_in.wrong_password()
    settings = platform.settings
    with transaction(platform.engine) as session:
        user = password_sign_in.succeed(session, attempt, verdict)
        user_agent = request.headers.get("user-agent", "")
        token = sign_in.open_session(session, user, days=settings.session_days, user_agent=user_agent)
    response = see_other_path(request, path)
    keep_session(response, settings, token)
    return response


def _refused(request: Request, error: SignInRequired | TooManyRequests, context: dict[str, Any]) -> Response:
    is_early = isinstance(error, TooManyRequests)
    response = page(request, "sign_in/sign_in.html", fragment="form", status=429 if is_early else 422, **context)
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


@router.post("/sign-out", name="accounts:sign_out")
def sign_out(request: Request, db: Db, settings: CurrentSettings) -> Response:
    """End the session and empty the browser of what the person left there."""
    if token := request.cookies.get(session_cookie(settings)):
        sign_in.sign_out(db, token)
    response = see_other_path(request, "/", done=say("您已退出登录。"))
    forget_session(response, settings)
    return response
