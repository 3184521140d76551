"""The cookies of a signed-in browser, and of one that is on its way there."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from tongke.config import Settings
from tongke.http.deps import session_cookie


def keep_session(response: Response, settings: Settings, token: str, *, is_shared: bool = False) -> None:
    """Leave the session's token with the browser; on a shared computer until the browser is closed."""
    response.set_cookie(
        session_cookie(settings),
        token,
        max_age=None if is_shared else settings.session_days * 24 * 3600,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def forget_session(response: Response, settings: Settings) -> None:
    """Take the token back and empty the browser of what the person left there."""
    name = session_cookie(settings)
    response.delete_cookie(name, path="/", secure=settings.is_https, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'


def browser_cookie(settings: Settings) -> str:
    return "__Host-tongke_browser" if settings.is_https else "tongke_browser"


def browser_of(request: Request, settings: Settings) -> str:
    """The secret that tells this browser from others while somebody signs in; empty when it has none."""
    return request.cookies.get(browser_cookie(settings), "")


def keep_browser(response: Response, settings: Settings, secret: str) -> None:
    response.set_cookie(
        browser_cookie(settings),
        secret,
        max_age=3600,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )
