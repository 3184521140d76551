"""One's own ways of signing in: providers, passkeys, the code program; where one is signed in, and what failed."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tongke.accounts import passwords, sign_in
from tongke.accounts.actor import Actor
from tongke.accounts.devices import device_of
from tongke.accounts.models import User
from tongke.accounts.oidc import identities
from tongke.accounts.oidc.providers import providers
from tongke.accounts.webauthn_hosts import passkeys_are_possible
from tongke.db import transaction
from tongke.errors import Invalid
from tongke.http.deps import CurrentPlatform, CurrentSettings, Db, SignedIn, session_cookie
from tongke.http.platform import Platform
from tongke.i18n import say
from tongke_web.rendering import page, see_other
from tongke_web.sign_in.fresh import is_fresh, require_fresh
from tongke_web.sign_in.second import drawn

router = APIRouter(prefix="/me/sign-in")
Field = Annotated[str, Form()]


@router.get("", name="sign_in:ways")
def ways(request: Request, db: Db, actor: SignedIn, platform: CurrentPlatform) -> Response:
    from tongke.accounts import authenticators, passkeys  # slow import: ciphers, CBOR

    settings, user_id = platform.settings, _id(actor)
    return page(
        request,
        "sign_in/ways.html",
        identities=identities.identities_of(db, user_id),
        providers=providers(settings),
        passkeys=passkeys.of_user(db, user_id),
        has_passkeys=passkeys_are_possible(settings),
        has_authenticator=authenticators.is_set_up(db, user_id),
        codes_left=authenticators.recovery_codes_left(db, user_id),
        is_fresh=is_fresh(request, db, settings),
        **_sessions(request, db, platform, user_id),
    )


def _id(actor: Actor) -> UUID:
    assert actor.user_id is not None
    return actor.user_id


def _sessions(request: Request, db: Db, platform: Platform, user_id: UUID) -> dict[str, Any]:
    here = passwords.digest(request.cookies.get(session_cookie(platform.settings), ""))
    return {
        "sessions": sign_in.sessions_of(db, user_id),
        "device_of": device_of,
        "this_browser": here,
        "failed": sign_in.failed_tries(db, user_id),
    }


@router.post("/providers/{identity_id}/removal", name="sign_in:unlink")
def unlink(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, identity_id: UUID) -> Response:
    require_fresh(request, db, settings)
    identities.unlink(db, _id(actor), identity_id)
    return see_other(request, "sign_in:ways", done=say("已取消关联。"))


@router.post("/sessions", name="sign_in:end_sessions")
def end_sessions(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, only: Field = "") -> Response:
    """End one session, or all but this one."""
    here = passwords.digest(request.cookies.get(session_cookie(settings), ""))
    sign_in.end_sessions(db, _id(actor), only=only, but=here)
    return see_other(request, "sign_in:ways", done=say("那里的登录已经退出。"))


@router.get("/authenticator", name="sign_in:authenticator")
def authenticator(request: Request, actor: SignedIn, platform: CurrentPlatform) -> Response:
    """Set up the program: a QR code, and a field for its first code."""
    return _authenticator_page(request, actor, platform)


def _authenticator_page(request: Request, actor: Actor, platform: Platform, error: Invalid | None = None) -> Response:
    from tongke.accounts import authenticators  # slow import: ciphers

    settings = platform.settings
    with transaction(platform.engine) as session:
        require_fresh(request, session, settings)
        user = session.get_one(User, actor.user_id)
        if authenticators.is_set_up(session, user.id):
            return see_other(request, "sign_in:ways")
        secret = authenticators.pending_secret(session, settings.signing_key, user)
        enrolment = drawn(secret, authenticators.address_of(secret, user, settings.base_url))
    return page(request, "sign_in/enrol.html", status=error.status if error else 200, step="", error=error, **enrolment)


@router.post("/authenticator", name="sign_in:confirm_authenticator")
def confirm(request: Request, actor: SignedIn, platform: CurrentPlatform, code: Field = "") -> Response:
    """The first code turns it on; the recovery codes are shown this once."""
    from tongke.accounts import authenticators  # slow import: ciphers

    try:
        with transaction(platform.engine) as session:
            require_fresh(request, session, platform.settings)
            codes = authenticators.confirm(session, platform.settings.signing_key, _id(actor), code)
    except Invalid as error:
        return _authenticator_page(request, actor, platform, error)
    return page(request, "sign_in/recovery_codes.html", codes=codes, next="/me/sign-in")


@router.post("/authenticator/codes", name="sign_in:new_codes")
def new_codes(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings) -> Response:
    from tongke.accounts import authenticators  # slow import: ciphers

    require_fresh(request, db, settings)
    codes = authenticators.new_recovery_codes(db, settings.signing_key, _id(actor))
    return page(request, "sign_in/recovery_codes.html", codes=codes, next="/me/sign-in")


@router.post("/authenticator/removal", name="sign_in:remove_authenticator")
def remove(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings) -> Response:
    from tongke.accounts import authenticators  # slow import: ciphers

    require_fresh(request, db, settings)
    authenticators.remove(db, settings, db.get_one(User, actor.user_id))
    return see_other(request, "sign_in:ways", done=say("验证器已停用。"))
