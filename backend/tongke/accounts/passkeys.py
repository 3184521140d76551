"""Passkeys: a person's device proves itself, no password crosses the line."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tongke.accounts import steps
from tongke.accounts.models import User
from tongke.accounts.oidc.identities import identities_of
from tongke.accounts.sign_in_models import Passkey, StepKind
from tongke.accounts.webauthn_hosts import relying_party
from tongke.config import Settings
from tongke.db import now
from tongke.errors import Conflict, Invalid, NotFound, SignInRequired
from tongke.i18n import say

MOST = 10
LONGEST_NAME = 60


def ask_to_register(session: Session, settings: Settings, user: User, browser: str) -> tuple[str, dict[str, Any]]:
    """What the browser needs to make a passkey, and the token that ends it."""
    own = of_user(session, user.id)
    if len(own) >= MOST:
        raise Conflict(say("最多可以有 {n} 个通行密钥。请先删除不用的。", n=MOST))
    options = generate_registration_options(
        rp_id=relying_party(settings),
        rp_name="同课 Tongke",
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        exclude_credentials=[PublicKeyCredentialDescriptor(base64url_to_bytes(p.credential_id)) for p in own],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    body = {"challenge": bytes_to_base64url(options.challenge), "for": "register"}
    token = steps.begin(session, StepKind.PASSKEY, browser, body, user_id=user.id)
    return token, json.loads(options_to_json(options))


def register(
    session: Session, settings: Settings, user: User, *, browser: str, token: str, answer: dict[str, Any], name: str
) -> Passkey:
    """Keep the public half of what the device made; raises ``Invalid`` when its proof does not hold."""
    challenge = _challenge(session, browser, token, "register", user.id)
    try:
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=relying_party(settings),
            expected_origin=settings.base_url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise Invalid(say("这个通行密钥没有通过检查。请再试一次。")) from None
    credential_id = bytes_to_base64url(verified.credential_id)
    if session.exec(select(Passkey.id).where(Passkey.credential_id == credential_id)).first():
        raise Conflict(say("这个通行密钥已经登记过了。"))
    passkey = Passkey(
        user_id=user.id,
        credential_id=credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=_name(name),
        transports=_transports(answer),
        is_backed_up=verified.credential_backed_up,
    )
    session.add(passkey)
    return passkey


def ask_to_sign_in(session: Session, settings: Settings, browser: str) -> tuple[str, dict[str, Any]]:
    """What the browser needs to offer the passkeys it has; nobody says a name first."""
    options = generate_authentication_options(
        rp_id=relying_party(settings), user_verification=UserVerificationRequirement.REQUIRED
    )
    body = {"challenge": bytes_to_base64url(options.challenge), "for": "sign in"}
    token = steps.begin(session, StepKind.PASSKEY, browser, body)
    return token, json.loads(options_to_json(options))


def sign_in(session: Session, settings: Settings, *, browser: str, token: str, answer: dict[str, Any]) -> User:
    """The person whose passkey signed; raises ``SignInRequired``, with the same words for every reason."""
    challenge = _challenge(session, browser, token, "sign in", None)
    given = answer.get("id")
    passkey = session.exec(select(Passkey).where(Passkey.credential_id == given)).first() if given else None
    user = session.get(User, passkey.user_id) if passkey else None
    if passkey is None or user is None or user.suspended_at or user.erased_at:
        raise _refused()
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=relying_party(settings),
            expected_origin=settings.base_url,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise _refused() from None
    passkey.sign_count, passkey.used_at = verified.new_sign_count, now()
    passkey.is_backed_up = verified.credential_backed_up
    session.add(passkey)
    return user


def of_user(session: Session, user_id: UUID) -> list[Passkey]:
    return list(session.exec(select(Passkey).where(Passkey.user_id == user_id).order_by(col(Passkey.created_at))))


def rename(session: Session, user_id: UUID, passkey_id: UUID, name: str) -> None:
    passkey = _own(session, user_id, passkey_id)
    passkey.name = _name(name)
    session.add(passkey)


def remove(session: Session, user_id: UUID, passkey_id: UUID) -> None:
    """Forget a passkey; ``Conflict`` when it is the only way in."""
    passkey, user = _own(session, user_id, passkey_id), session.get(User, user_id)
    assert user is not None
    others = session.exec(select(func.count()).select_from(Passkey).where(Passkey.user_id == user_id)).one() - 1
    if user.password_hash is None and others + len(identities_of(session, user_id)) == 0:
        raise Conflict(say("这是您唯一的登录方式。请先设置密码，或关联一个登录服务。"))
    session.delete(passkey)


def _own(session: Session, user_id: UUID, passkey_id: UUID) -> Passkey:
    passkey = session.get(Passkey, passkey_id)
    if passkey is None or passkey.user_id != user_id:
        raise NotFound
    return passkey


def _challenge(session: Session, browser: str, token: str, what: str, user_id: UUID | None) -> bytes:
    step = steps.end(session, StepKind.PASSKEY, browser, token)
    if step.body.get("for") != what or step.user_id != user_id:
        raise Invalid(say("这一步已经过期，或者不是在这个浏览器里开始的。请重新登录。"))
    return base64url_to_bytes(step.body["challenge"])


def _name(name: str) -> str:
    cleaned = name.strip()[:LONGEST_NAME]
    if not cleaned:
        message = say("请给通行密钥起个名字。")
        raise Invalid(message, fields={"name": message})
    return cleaned


def _transports(answer: dict[str, Any]) -> list[str]:
    response = answer.get("response")
    told = response.get("transports", []) if isinstance(response, dict) else []
    known = {transport.value for transport in AuthenticatorTransport}
    return [word for word in told if word in known] if isinstance(told, list) else []


def _refused() -> SignInRequired:
    return SignInRequired(say("这个通行密钥不能登录。请用密码登录，再到“登录方式”里查看。"))
