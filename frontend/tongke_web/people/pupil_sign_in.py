"""How pupils sign in: by number and pictures, or by holding the card's code to a camera."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from tongke.accounts import password_sign_in, pupils, sign_in, tries
from tongke.accounts.models import Role, User
from tongke.accounts.password_sign_in import Attempt
from tongke.accounts.pupils import CHOSEN, PICTURES
from tongke.db import transaction
from tongke.errors import Invalid, SignInRequired, TongkeError, TooManyRequests
from tongke.http.deps import CurrentPlatform, CurrentSettings, Db
from tongke.http.platform import Platform
from tongke.http.rate_limits import CODES_BY_ADDRESS, count
from tongke_web.rendering import page, see_other, see_other_path
from tongke_web.sign_in.cookies import keep_session
from tongke_web.sign_in.hashing import hashing

router = APIRouter(prefix="/class")
Field = Annotated[str, Form()]


def _form(request: Request, *, code: str = "", number: str = "", error: TongkeError | None = None) -> Response:
    response = page(
        request,
        "people/class_sign_in.html",
        fragment="form",
        status=error.status if error else 200,
        pictures=PICTURES,
        chosen=CHOSEN,
        code=code,
        number=number,
        error=error,
    )
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


@router.get("", name="pupils:sign_in")
def form(request: Request, code: str = "") -> Response:
    return _form(request, code=code)


@router.post("", name="pupils:sign_in_post")
async def by_pictures(
    request: Request,
    platform: CurrentPlatform,
    code: Field = "",
    number: Field = "",
    picture: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """The same slow-down and the same hashing as for everybody: pictures are a password."""
    password = pupils.password_of(picture or [])
    name = f"{code.strip().lower()}-{int(number):02}" if number.isascii() and number.isdigit() else ""
    try:
        attempt = await run_in_threadpool(_begin, request, platform, name)
        verdict = await hashing(lambda: password_sign_in.judge(attempt, password))
        if not verdict.is_right:
            raise password_sign_in.wrong_password()
        token = await run_in_threadpool(_succeed, request, platform, attempt, verdict)
    except (SignInRequired, TooManyRequests) as error:
        return await run_in_threadpool(_form, request, code=code, number=number, error=error)
    return _opened(request, platform, token)


def _begin(request: Request, platform: Platform, name: str) -> Attempt:
    address = request.client.host if request.client else ""
    who = tries.guesser(platform.settings.signing_key, name=name, address=address)
    user_agent = request.headers.get("user-agent", "")
    with transaction(platform.engine) as session:
        return password_sign_in.begin(session, who, email=name, address=address, user_agent=user_agent)


def _succeed(request: Request, platform: Platform, attempt: Attempt, verdict: password_sign_in.Verdict) -> str:
    with transaction(platform.engine) as session:
        user = password_sign_in.succeed(session, attempt, verdict)
        if user.role != Role.PUPIL:  # staff have a page of their own, with a second factor
            raise password_sign_in.wrong_password()
        return _session_of(request, session, user)


def _session_of(request: Request, session: Db, user: User) -> str:
    agent = request.headers.get("user-agent", "")
    return sign_in.open_session(session, user, days=1, user_agent=agent, is_shared=True)


def _opened(request: Request, platform: Platform, token: str) -> Response:
    response = see_other_path(request, "/")
    keep_session(response, platform.settings, token, is_shared=True)
    return response


@router.get("/card", name="pupils:card")
def card(request: Request, db: Db, settings: CurrentSettings, c: str = "") -> Response:
    """The card was held to a camera: say whose it is and ask, since a link alone must not sign anybody in."""
    if not c.strip():
        return see_other(request, "pupils:sign_in")
    count(CODES_BY_ADDRESS, request.client.host if request.client else "")
    try:
        holder = pupils.holder_of_card(db, c, key=settings.signing_key)
    except Invalid as error:
        return _form(request, error=error)
    response = page(request, "people/class_card.html", holder=holder, code=c)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@router.post("/card", name="pupils:card_post")
def by_card(request: Request, platform: CurrentPlatform, c: Field = "") -> Response:
    count(CODES_BY_ADDRESS, request.client.host if request.client else "")
    try:
        with transaction(platform.engine) as session:
            user = pupils.holder_of_card(session, c, key=platform.settings.signing_key)
            token = _session_of(request, session, user)
    except Invalid as error:
        return _form(request, error=error)
    return _opened(request, platform, token)
