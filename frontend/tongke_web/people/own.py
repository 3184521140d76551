"""One's own account: tokens for programs, everything known about one, leaving for good."""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tongke.accounts import erasure, queries, tokens
from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.db import now
from tongke.errors import Invalid, TongkeError, require
from tongke.http.deps import CurrentSettings, Db, SignedIn
from tongke.i18n import say
from tongke_web.people.admin import TOLD_IN_FORM, Field
from tongke_web.rendering import page, see_other, see_other_path
from tongke_web.sign_in.cookies import forget_session

router = APIRouter(prefix="/me")


@router.get("/here", name="own:here")
def here(actor: SignedIn) -> Response:  # noqa: ARG001 being asked for is what keeps the sign-in
    """Tell the server that somebody is still here; nothing else."""
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


@router.get("/tokens", name="own:tokens")
def token_list(request: Request, db: Db, actor: SignedIn) -> Response:
    return _tokens_page(request, db, actor)


def _tokens_page(
    request: Request, db: Db, actor: Actor, *, made: str = "", error: TongkeError | None = None
) -> Response:
    require(not actor.is_a(Role.PUPIL), say("学生账号不能有访问令牌。"))
    return page(
        request,
        "people/tokens.html",
        status=error.status if error else 200,
        tokens=tokens.working(db, actor),
        scopes=list(tokens.SCOPES.items()),
        made=made,
        now=now(),
        error=error,
    )


@router.post("/tokens", name="own:make_token")
def make_token(
    request: Request,
    db: Db,
    actor: SignedIn,
    name: Field = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Annotated[int, Form()] = 90,
) -> Response:
    """A new token, shown this once."""
    try:
        made = tokens.make(db, actor, name=name, scopes=scopes or [], days=days)
    except TOLD_IN_FORM as error:
        return _tokens_page(request, db, actor, error=error)
    db.flush()  # the list below shows the new one
    return _tokens_page(request, db, actor, made=made)


@router.post("/tokens/{token_id}/revocation", name="own:revoke_token")
def revoke_token(request: Request, db: Db, actor: SignedIn, token_id: UUID) -> Response:
    tokens.revoke(db, actor, token_id)
    return see_other(request, "own:tokens", done=say("令牌已撤销。"))


@router.get("/data.json", name="own:data")
def own_data(db: Db, actor: SignedIn) -> Response:
    """Everything kept about oneself, to take away."""
    return exported(erasure.export(db, queries.own(db, actor)))


def exported(found: dict[str, object]) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="tongke-data.json"', "Cache-Control": "no-store"}
    return Response(json.dumps(found, ensure_ascii=False, indent=1), headers=headers, media_type="application/json")


@router.get("/leaving", name="own:leaving")
def leaving(request: Request, db: Db, actor: SignedIn) -> Response:
    """What erasing one's account does, and the form for it."""
    return _leaving_page(request, db, actor)


def _leaving_page(request: Request, db: Db, actor: Actor, *, error: TongkeError | None = None) -> Response:
    user = queries.own(db, actor)
    require(erasure.may_erase(db, actor, user), say("学生账号由学校管理。"))
    return page(
        request, "people/leaving.html", fragment="form", status=error.status if error else 200, user=user, error=error
    )


@router.post("/leaving", name="own:leave")
def leave(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, typed: Field = "") -> Response:
    """Erase one's account after typing its sign-in name."""
    user = queries.own(db, actor)
    try:
        if typed.strip().lower() != user.email:
            message = say("请输入您的登录名，确认要删除。")
            raise Invalid(message, fields={"typed": message})
        erasure.erase(db, actor, user)
    except TOLD_IN_FORM as error:
        return _leaving_page(request, db, actor, error=error)
    response = see_other_path(request, "/", done=say("您的账号已经删除。"))
    forget_session(response, settings)
    return response
