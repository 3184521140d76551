"""Passkeys over the line: what the page's script asks for and sends back, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Form, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from tongke.accounts import passwords, tries
from tongke.accounts.models import User
from tongke.accounts.webauthn_hosts import passkeys_are_possible
from tongke.db import transaction
from tongke.errors import NotFound, TongkeError
from tongke.http.deps import CurrentPlatform, Db, SignedIn, locale_of
from tongke.http.platform import Platform
from tongke.i18n import say
from tongke_web.rendering import own_path, see_other
from tongke_web.sign_in.cookies import browser_of, keep_browser
from tongke_web.sign_in.fresh import require_fresh
from tongke_web.sign_in.opening import Opening, open_session
from tongke_web.sign_in.views import address_of

router = APIRouter()
Answer = Annotated[dict[str, Any], Body()]
Field = Annotated[str, Form()]


def _told(request: Request, work: Callable[[], Response]) -> Response:
    """Errors as JSON with the sentence: the script shows it beside the button."""
    try:
        return work()
    except TongkeError as error:
        return JSONResponse({"error": error.message.in_locale(locale_of(request))}, error.status)


def _possible(platform: Platform) -> None:
    if not passkeys_are_possible(platform.settings):
        raise NotFound


@router.post("/sign-in/passkey/options", name="sign_in:passkey_options")
def options(request: Request, platform: CurrentPlatform) -> Response:
    """What the browser needs to offer its passkeys."""
    from tongke.accounts import passkeys  # slow import: CBOR and certificates

    def work() -> Response:
        _possible(platform)
        browser = browser_of(request, platform.settings) or passwords.new_token()
        with transaction(platform.engine) as session:
            token, asked = passkeys.ask_to_sign_in(session, platform.settings, browser)
        response = JSONResponse({"token": token, "options": asked})
        keep_browser(response, platform.settings, browser)
        return response

    return _told(request, work)


@router.post("/sign-in/passkey", name="sign_in:passkey")
def sign_in(request: Request, platform: CurrentPlatform, sent: Answer) -> Response:
    """Sign in by what the device signed; a passkey with its PIN or finger stands for both steps."""
    from tongke.accounts import passkeys  # slow import: CBOR and certificates

    settings = platform.settings

    def work() -> Response:
        _possible(platform)
        who = tries.guesser(settings.signing_key, name="a passkey", address=address_of(request))
        with transaction(platform.engine) as session:
            tries.count_address(session, who)
        with transaction(platform.engine) as session:
            browser, token = browser_of(request, settings), str(sent.get("token", ""))
            user = passkeys.sign_in(session, settings, browser=browser, token=token, answer=_credential(sent))
            tries.forgive_address(session, who)
            opening = Opening(own_path(str(sent.get("next", "/"))), str(sent.get("link", "")))
            redirect = open_session(request, session, settings, user, opening)
        response = JSONResponse({"next": redirect.headers["location"]})
        response.headers["set-cookie"] = redirect.headers["set-cookie"]
        return response

    return _told(request, work)


@router.post("/me/passkeys/options", name="sign_in:passkey_registration")
def registration(request: Request, platform: CurrentPlatform, actor: SignedIn) -> Response:
    """What the browser needs to make a passkey."""
    from tongke.accounts import passkeys  # slow import: CBOR and certificates

    def work() -> Response:
        _possible(platform)
        browser = browser_of(request, platform.settings) or passwords.new_token()
        with transaction(platform.engine) as session:
            require_fresh(request, session, platform.settings)
            user = session.get_one(User, actor.user_id)
            token, asked = passkeys.ask_to_register(session, platform.settings, user, browser)
        response = JSONResponse({"token": token, "options": asked})
        keep_browser(response, platform.settings, browser)
        return response

    return _told(request, work)


@router.post("/me/passkeys", name="sign_in:add_passkey")
def add(request: Request, platform: CurrentPlatform, actor: SignedIn, sent: Answer) -> Response:
    """Keep a passkey the device made."""
    from tongke.accounts import passkeys  # slow import: CBOR and certificates

    settings = platform.settings

    def work() -> Response:
        _possible(platform)
        with transaction(platform.engine) as session:
            require_fresh(request, session, settings)
            passkeys.register(
                session,
                settings,
                session.get_one(User, actor.user_id),
                browser=browser_of(request, settings),
                token=str(sent.get("token", "")),
                answer=_credential(sent),
                name=str(sent.get("name", "")),
            )
        return JSONResponse({"next": "/me/sign-in"}, 201)

    return _told(request, work)


def _credential(sent: dict[str, Any]) -> dict[str, Any]:
    credential = sent.get("credential")
    return credential if isinstance(credential, dict) else {}


@router.post("/me/passkeys/{passkey_id}/name", name="sign_in:rename_passkey")
def rename(request: Request, db: Db, actor: SignedIn, passkey_id: UUID, name: Field = "") -> Response:
    from tongke.accounts import passkeys  # slow import: CBOR and certificates

    assert actor.user_id is not None
    passkeys.rename(db, actor.user_id, passkey_id, name)
    return see_other(request, "sign_in:ways", done=say("已改名。"))


@router.post("/me/passkeys/{passkey_id}/removal", name="sign_in:remove_passkey")
def remove(request: Request, db: Db, platform: CurrentPlatform, actor: SignedIn, passkey_id: UUID) -> Response:
    from tongke.accounts import passkeys  # slow import: CBOR and certificates

    assert actor.user_id is not None
    require_fresh(request, db, platform.settings)
    passkeys.remove(db, actor.user_id, passkey_id)
    return see_other(request, "sign_in:ways", done=say("通行密钥已删除。"))
