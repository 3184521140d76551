"""To the provider and back: authorization code with PKCE, a nonce, and a state that only the same browser can bring."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from sqlmodel import Session

from tongke.accounts import steps
from tongke.accounts.oidc.claims import Arrival, arrival
from tongke.accounts.oidc.errors import ProviderDown, ProviderRefused, Reason, TokenRefused
from tongke.accounts.oidc.fetching import FetchFailed, fetch
from tongke.accounts.oidc.metadata import Metadata, notebook
from tongke.accounts.oidc.providers import Provider
from tongke.accounts.oidc.tokens import id_token_claims
from tongke.accounts.sign_in_models import StepKind

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Returned:
    """Somebody is back from the provider."""

    arrival: Arrival
    id_token: str


@dataclass(frozen=True, slots=True)
class Journey:
    """What was noted when the browser left."""

    nonce: str
    verifier: str
    next: str
    is_shared: bool
    linking_user_id: UUID | None


def leave(
    session: Session,
    provider: Provider,
    metadata: Metadata,
    *,
    base_url: str,
    browser: str,
    next_path: str,
    is_switch: bool = False,
    is_shared: bool = False,
    linking_user_id: UUID | None = None,
) -> str:
    """The address at the provider to which the browser goes. ``is_switch`` lets it ask who is there this time."""
    nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    body = {"provider": provider.key, "nonce": nonce, "verifier": verifier, "next": next_path, "shared": is_shared}
    state = steps.begin(session, StepKind.PROVIDER, browser, body, user_id=linking_user_id)
    more = {"prompt": "select_account" if metadata.can_select_account else "login"} if is_switch else {}
    address: str = prepare_grant_uri(
        metadata.authorization_endpoint,
        client_id=provider.client_id,
        response_type="code",
        redirect_uri=provider.redirect_uri(base_url),
        scope=" ".join(provider.scopes),
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        **more,
    )
    return address


def come_back(session: Session, provider: Provider, *, browser: str, state: str) -> Journey:
    """End the journey that this browser began to this provider; ``Invalid`` for any other, and the second time."""
    step = steps.end(session, StepKind.PROVIDER, browser, state)
    if step.body.get("provider") != provider.key:
        raise TokenRefused(Reason.ISSUER, "another provider's state")
    body = step.body
    return Journey(body["nonce"], body["verifier"], body["next"], body["shared"], step.user_id)


def check_answer(provider: Provider, metadata: Metadata, asked: Mapping[str, str]) -> str:
    """The code in the provider's answer; an answer that comes from elsewhere, or says an error, is refused."""
    issuer = asked.get("iss")
    if (issuer is not None or metadata.says_issuer) and issuer != provider.issuer:
        raise TokenRefused(Reason.ISSUER, "iss")
    if error := asked.get("error"):
        raise ProviderRefused(provider.name, error[:80])
    if not asked.get("code"):
        raise ProviderRefused(provider.name, "no code")
    return asked["code"]


def exchange(provider: Provider, metadata: Metadata, journey: Journey, code: str, *, base_url: str) -> Returned:
    """Trade the code for tokens and read who it is. Asks the provider: never inside a transaction."""
    told = _tokens(provider, metadata, journey, code, base_url)
    token, access_token = told.get("id_token"), told.get("access_token")
    if not isinstance(token, str) or not isinstance(access_token, str):
        raise TokenRefused(Reason.MALFORMED, "no id_token")
    claims = id_token_claims(
        provider,
        token,
        lambda anew: notebook.keys(provider, anew=anew),
        nonce=journey.nonce,
        access_token=access_token,
    )
    more = _user_info(provider, metadata, access_token, claims["sub"])
    return Returned(arrival(provider, {**more, **claims}), token)


def _tokens(provider: Provider, metadata: Metadata, journey: Journey, code: str, base_url: str) -> dict[str, Any]:
    body = prepare_token_request(
        "authorization_code",
        code=code,
        redirect_uri=provider.redirect_uri(base_url),
        code_verifier=journey.verifier,
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    method = provider.token_auth if provider.secret else "none"
    prove = ClientAuth(provider.client_id, provider.secret, method)
    url, headers, body = prove.prepare("POST", metadata.token_endpoint, headers, body)
    return _asked(provider, "POST", url, headers, body)


def _user_info(provider: Provider, metadata: Metadata, access_token: str, subject: str) -> dict[str, Any]:
    if not metadata.userinfo_endpoint:
        return {}
    told = _asked(provider, "GET", metadata.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"})
    if not isinstance(told.get("sub"), str) or not hmac.compare_digest(told["sub"].encode(), subject.encode()):
        raise TokenRefused(Reason.CLAIM, "userinfo sub")
    return told


def _asked(
    provider: Provider, method: str, url: str, headers: dict[str, str], body: str | None = None
) -> dict[str, Any]:
    try:
        return fetch(method, url, headers=headers, body=body)
    except FetchFailed as error:
        log.warning("oidc.refused", provider=provider.key, endpoint=url.partition("?")[0], why=str(error))
        if "invalid_grant" in str(error):
            raise ProviderRefused(provider.name, "invalid_grant") from None
        raise ProviderDown(provider.name, str(error)) from None


def leave_for_good(provider: Provider, metadata: Metadata, *, base_url: str, id_token: str) -> str:
    """The address that ends the session at the provider too (RP-initiated logout); empty when it offers none."""
    if not metadata.end_session_endpoint:
        return ""
    params = {"client_id": provider.client_id, "post_logout_redirect_uri": f"{base_url}/sign-in"}
    if id_token:
        params["id_token_hint"] = id_token
    address: str = add_params_to_uri(metadata.end_session_endpoint, list(params.items()))
    return address
