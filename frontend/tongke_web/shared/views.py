"""What belongs to no feature: the reader's preferences, the browser's small requests."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from tongke.accounts import service
from tongke.http.deps import LOCALE_COOKIE, CurrentActor, Db
from tongke.i18n import LOCALES
from tongke_web.rendering import LOW_DATA_COOKIE, THEME_COOKIE, THEMES, Pages, own_path, see_other_path

router = APIRouter()
_A_YEAR_S = 365 * 24 * 3600


@router.post("/preferences", name="preferences")
def prefer(
    request: Request,
    db: Db,
    actor: CurrentActor,
    *,
    locale: Annotated[str, Form()] = "",
    low_data: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "/",
) -> Response:
    """Language, low data and theme, for this browser and, when signed in, for the person."""
    response = see_other_path(request, own_path(back))
    if locale in LOCALES:
        _keep(response, LOCALE_COOKIE, locale)
        if actor.is_signed_in:
            service.prefer(db, actor, locale=locale)
    if low_data in {"0", "1"}:
        _keep(response, LOW_DATA_COOKIE, low_data)
        if actor.is_signed_in:
            service.prefer(db, actor, low_data=low_data == "1")
    if theme:
        _keep(response, THEME_COOKIE, theme if theme in THEMES else "")
    return response


def _keep(response: Response, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=_A_YEAR_S if value else 0, samesite="lax")


@router.get("/favicon.ico", name="favicon")
def favicon(request: Request) -> RedirectResponse:
    pages: Pages = request.app.state.pages
    return RedirectResponse(pages.asset("favicon.svg"), 308)
