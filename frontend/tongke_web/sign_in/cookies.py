"""The cookie of a signed-in browser."""

from __future__ import annotations

from starlette.responses import Response

from tongke.config import Settings
from tongke.http.deps import session_cookie


def keep_session(response: Response, settings: Settings, token: str) -> None:
    """Leave the session's token with the browser."""
    response.set_cookie(
        session_cookie(settings),
        token,
        max_age=settings.session_days * 24 * 3600,
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
