"""What follows a right password, a provider's word or a passkey: a second step where wanted, then the session."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import Any

from fastapi import Request
from starlette.responses import Response

from tongke.accounts import passwords, sign_in, steps
from tongke.accounts.models import User
from tongke.accounts.oidc import identities
from tongke.accounts.oidc.claims import Arrival
from tongke.accounts.sign_in_models import StepKind
from tongke.config import Settings
from tongke.http.deps import Db, session_cookie
from tongke_web.rendering import Pages, see_other_path
from tongke_web.sign_in.cookies import browser_of, keep_browser, keep_session


@dataclass(frozen=True, slots=True)
class Opening:
    """Who signs in, and what belongs to it. ``link`` is the token of a provider's person to be linked on the way."""

    next_path: str
    link: str = ""
    is_shared: bool = False
    arrival: Arrival | None = None
    id_token: str = ""


def after_first_step(
    request: Request, session: Db, settings: Settings, user: User, opening: Opening, *, is_enough: bool = False
) -> Response:
    """Open the session, or ask for the second step. ``is_enough``: what was shown stands for both."""
    from tongke.accounts import authenticators  # slow import: ciphers

    need = authenticators.need_of(session, settings, user)
    if is_enough or need is authenticators.Need.NOTHING:
        return open_session(request, session, settings, user, opening)
    browser = browser_of(request, settings) or secrets.token_urlsafe(32)
    body = {"opening": _kept(opening), "need": str(need)}
    token = steps.begin(session, StepKind.SECOND, browser, body, user_id=user.id)
    pages: Pages = request.app.state.pages
    response = see_other_path(request, pages.url("sign_in:second", {"step": token}))
    keep_browser(response, settings, browser)
    return response


def open_session(request: Request, session: Db, settings: Settings, user: User, opening: Opening) -> Response:
    """Sign the person in and send them where they wanted to go."""
    response = see_other_path(request, opening.next_path)
    token = session_token(request, session, settings, user, opening)
    keep_session(response, settings, token, is_shared=opening.is_shared)
    return response


def session_token(request: Request, session: Db, settings: Settings, user: User, opening: Opening) -> str:
    """The cookie of a new session: the browser's old one is ended, the provider's person linked if one waits."""
    browser = browser_of(request, settings)
    if opening.link:
        step = steps.end(session, StepKind.IDENTITY, browser, opening.link)
        identities.link(session, user, Arrival(**step.body))
    if old := request.cookies.get(session_cookie(settings)):
        sign_in.sign_out(session, old)
    user_agent = request.headers.get("user-agent", "")
    days = settings.session_days
    token = sign_in.open_session(session, user, days=days, user_agent=user_agent, is_shared=opening.is_shared)
    if opening.arrival:
        session.flush()  # the provider's session refers to ours
        identities.remember_session(session, passwords.digest(token), opening.arrival, opening.id_token)
    return token


def _kept(opening: Opening) -> dict[str, Any]:
    return asdict(opening)


def opening_of(kept: dict[str, Any]) -> Opening:
    """The opening as it was noted before the second step."""
    arrival = kept.get("arrival")
    return Opening(**{**kept, "arrival": Arrival(**arrival) if arrival else None})
