"""Signing in and out, the first administrator, one's own account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tongke.accounts import first_admin, queries, service, sign_in
from tongke.accounts.actor import Actor
from tongke.accounts.words import ROLES
from tongke.config import Settings
from tongke.errors import Invalid, NotFound, SignInRequired, TongkeError
from tongke.http.deps import CurrentActor, CurrentSettings, Db, SignedIn, session_cookie
from tongke.http.rate_limits import SIGN_INS_BY_ADDRESS, SIGN_INS_BY_NAME, count
from tongke.i18n import say
from tongke_web.rendering import own_path, page, see_other, see_other_path

router = APIRouter()
Field = Annotated[str, Form()]


@router.get("/sign-in", name="accounts:sign_in")
def sign_in_form(request: Request, actor: CurrentActor, next: str = "/") -> Response:  # noqa: A002 the address says next
    if actor.is_signed_in:
        return see_other_path(request, own_path(next))
    return page(request, "accounts/sign_in.html", next=own_path(next), email="", error=None)


@router.post("/sign-in", name="accounts:sign_in_post")
def sign_in_post(
    request: Request,
    db: Db,
    settings: CurrentSettings,
    email: Field = "",
    password: Field = "",
    next: Field = "/",  # noqa: A002 the field says next
) -> Response:
    """Open a session; both a wrong name and a wrong password come back as the form with one sentence."""
    address = request.client.host if request.client else ""
    count(SIGN_INS_BY_ADDRESS, address)
    count(SIGN_INS_BY_NAME, address, email.strip().lower())
    try:
        token, _ = sign_in.sign_in(
            db,
            email=email,
            password=password,
            days=settings.session_days,
            user_agent=request.headers.get("user-agent", ""),
        )
    except SignInRequired as error:
        context: dict[str, Any] = {"next": own_path(next), "email": email, "error": error}
        return page(request, "accounts/sign_in.html", fragment="form", status=422, **context)
    response = see_other_path(request, own_path(next))
    _keep_session(response, settings, token)
    return response


def _keep_session(response: Response, settings: Settings, token: str) -> None:
    response.set_cookie(
        session_cookie(settings),
        token,
        max_age=settings.session_days * 24 * 3600,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


@router.post("/sign-out", name="accounts:sign_out")
def sign_out(request: Request, db: Db, settings: CurrentSettings) -> Response:
    """End the session and empty the browser of what the person left there."""
    name = session_cookie(settings)
    if token := request.cookies.get(name):
        sign_in.sign_out(db, token)
    response = see_other_path(request, "/", done=say("您已退出登录。"))
    response.delete_cookie(name, path="/", secure=settings.is_https, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@router.get("/welcome", name="accounts:welcome")
def welcome(request: Request, db: Db, code: str = "") -> Response:
    """The first administrator's form; there is no such page once anybody exists."""
    if queries.has_people(db):
        raise NotFound
    return page(request, "accounts/welcome.html", code=code, email="", name="", error=None)


@router.post("/welcome", name="accounts:welcome_post")
def welcome_post(
    request: Request,
    db: Db,
    settings: CurrentSettings,
    code: Field = "",
    email: Field = "",
    name: Field = "",
    password: Field = "",
) -> Response:
    try:
        user = first_admin.create_first_admin(
            db, code=code, signing_key=settings.signing_key, email=email, name=name, password=password
        )
    except NotFound:
        raise
    except TongkeError as error:
        context: dict[str, Any] = {"code": code, "email": email, "name": name, "error": error}
        return page(request, "accounts/welcome.html", fragment="form", status=422, **context)
    db.flush()  # the session row refers to the person
    token = sign_in.open_session(db, user, days=settings.session_days)
    response = see_other(request, "admin:schools", done=say("管理员已创建。先添加学校，再邀请老师。"))
    _keep_session(response, settings, token)
    return response


@router.get("/me/settings", name="accounts:account")
def account(request: Request, db: Db, actor: SignedIn) -> Response:
    return _account_page(request, db, actor)


def _account_page(request: Request, db: Db, actor: Actor, error: Invalid | None = None) -> Response:
    return page(
        request,
        "accounts/account.html",
        fragment="password",
        status=error.status if error else 200,
        error=error,
        email=queries.email_of(db, actor),
        role_word=ROLES[actor.role] if actor.role else "",
    )


@router.post("/me/password", name="accounts:password")
def change_password(
    request: Request,
    db: Db,
    actor: SignedIn,
    settings: CurrentSettings,
    present: Field = "",
    new: Field = "",
    again: Field = "",
) -> Response:
    """Change the password: every other browser is signed out, this one stays."""
    try:
        user = service.change_password(db, actor, present=present, new=new, again=again)
    except Invalid as error:
        return _account_page(request, db, actor, error)
    token = sign_in.open_session(db, user, days=settings.session_days)
    response = see_other(request, "accounts:account", done=say("密码已更新，其他地方的登录都已退出。"))
    _keep_session(response, settings, token)
    return response
