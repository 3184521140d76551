"""What the pages of administrators share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request

from tongke.accounts import policy
from tongke.accounts.actor import Actor
from tongke.errors import Conflict, Forbidden, Invalid, require
from tongke.i18n import say
from tongke_web.rendering import Pages

router = APIRouter(prefix="/admin")
Field = Annotated[str, Form()]
PageNumber = Annotated[int, Query(ge=1, le=100_000, alias="page")]
PAGE_SIZE = 50
TOLD_IN_FORM = (Invalid, Conflict, Forbidden)


def only_admins(actor: Actor) -> None:
    require(policy.may_see_people(actor), say("这个页面只对管理员开放。"))


def paging(request: Request, name: str, *, total: int, number: int, asked: dict[str, Any]) -> dict[str, Any]:
    """What the pager of a list needs."""
    pages: Pages = request.app.state.pages
    address: Callable[[int], str] = lambda n: pages.url(name, {**asked, "page": n})  # noqa: E731 a value of the template
    return {"total": total, "number": number, "pages": max(1, ceil(total / PAGE_SIZE)), "address": address}


def date_of(text: str, field: str, *, otherwise: date | None = None) -> date | None:
    """A date as a browser's date field sends it; raises ``Invalid`` for anything else."""
    if not text.strip():
        return otherwise
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        message = say("请填写日期，例如 2026-09-01。")
        raise Invalid(message, fields={field: message}) from None
