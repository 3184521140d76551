"""Using a one-time code, and saying that one forgot the password: pages for people who cannot sign in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from tongke.accounts import codes, letters
from tongke.accounts.models import User
from tongke.db import reading, transaction
from tongke.errors import Invalid
from tongke.http.deps import CurrentPlatform, CurrentSettings, Db
from tongke.http.platform import Platform
from tongke.http.rate_limits import CODES_BY_ADDRESS, RESETS_BY_ADDRESS, RESETS_BY_NAME, count
from tongke.i18n import say
from tongke_web.rendering import page, see_other
from tongke_web.sign_in.hashing import hashing

router = APIRouter()
Field = Annotated[str, Form()]


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


@router.get("/join", name="people:join")
def join_form(request: Request, db: Db, settings: CurrentSettings, code: str = "") -> Response:
    """The code is typed or comes with the link of a letter; a right one shows whose it is and asks for a password."""
    if not code.strip():
        return _join_page(request, code="", holder=None)
    count(CODES_BY_ADDRESS, _address(request))
    try:
        holder = codes.holder_of(db, code, key=settings.signing_key)
    except Invalid as error:
        return _join_page(request, code=code, holder=None, error=error)
    return _join_page(request, code=code, holder=holder)


@router.post("/join", name="people:join_post")
async def join_post(
    request: Request, platform: CurrentPlatform, code: Field = "", new: Field = "", again: Field = ""
) -> Response:
    """Set the password; the hash is made between reading and writing. Signing in comes after, as for everybody."""
    count(CODES_BY_ADDRESS, _address(request))
    holder = None
    try:
        holder = await run_in_threadpool(_holder, platform, code)
        password_hash = await hashing(lambda: codes.new_password_hash(new, again))
        user = await run_in_threadpool(_redeem, platform, code, password_hash)
    except Invalid as error:
        return await run_in_threadpool(_join_page, request, code=code, holder=holder, error=error)
    return see_other(request, "accounts:sign_in", done=say("密码已设好。请用 {name} 登录。", name=user.email))


def _holder(platform: Platform, code: str) -> User:
    with reading(platform.engine) as session:
        return codes.holder_of(session, code, key=platform.settings.signing_key)


def _redeem(platform: Platform, code: str, password_hash: str) -> User:
    with transaction(platform.engine) as session:
        return codes.redeem(session, code, password_hash=password_hash, key=platform.settings.signing_key)


def _join_page(request: Request, *, code: str, holder: User | None, error: Invalid | None = None) -> Response:
    response = page(
        request,
        "people/join.html",
        fragment="form",
        status=error.status if error else 200,
        code=code,
        holder=holder,
        error=error,
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@router.get("/forgotten", name="people:forgotten")
def forgotten_form(request: Request, settings: CurrentSettings) -> Response:
    return page(request, "people/forgotten.html", can_mail=bool(settings.mail_url), asked=False)


@router.post("/forgotten", name="people:forgotten_post")
def forgotten_post(request: Request, db: Db, settings: CurrentSettings, email: Field = "") -> Response:
    """The same answer for every name, in the same time: a job looks whether there is such a person."""
    count(RESETS_BY_ADDRESS, _address(request))
    count(RESETS_BY_NAME, email.strip().lower())
    if settings.mail_url:
        letters.ask_for_reset(db, email)
    return page(request, "people/forgotten.html", can_mail=bool(settings.mail_url), asked=True)
