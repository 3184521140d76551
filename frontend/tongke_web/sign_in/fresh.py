"""Changing how one signs in asks that one signed in a short while ago: a computer left alone gives nothing away."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request

from tongke.accounts import sign_in
from tongke.config import Settings
from tongke.db import now
from tongke.errors import Forbidden
from tongke.http.deps import Db, session_cookie
from tongke.i18n import say

FRESH_FOR = timedelta(minutes=30)


def is_fresh(request: Request, session: Db, settings: Settings) -> bool:
    opened_at = sign_in.opened_at(session, request.cookies.get(session_cookie(settings), ""))
    return opened_at is not None and now() - opened_at < FRESH_FOR


def require_fresh(request: Request, session: Db, settings: Settings) -> None:
    if not is_fresh(request, session, settings):
        raise Forbidden(say("您登录已有一段时间。请先重新登录一次，再修改登录方式。"))
