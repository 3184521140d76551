"""The first administrator, one's own account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tongke.accounts import first_admin, queries, service, sign_in
from tongke.accounts.actor import Actor
from tongke.accounts.words import ROLES
from tongke.errors import Invalid, NotFound, TongkeError
from tongke.http.deps import CurrentSettings, Db, SignedIn
from tongke.i18n import say
from tongke_web.rendering import page, see_other
from tongke_web.sign_in.cookies import keep_session

router = APIRouter()
Field = Annotated[str, Form()]


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
    keep_session(response, settings, token)
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
    keep_session(response, settings, token)
    return response
