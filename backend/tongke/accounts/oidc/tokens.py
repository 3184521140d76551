"""Which tokens of a provider are believed: its own RS256 or ES256 signature, for us, now, once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, ClaimError, ExpiredTokenError, InvalidClaimError, JoseError
from joserfc.jwk import ECKey, RSAKey

from tongke.accounts.oidc.errors import Reason, TokenRefused
from tongke.accounts.oidc.providers import Provider

ALGORITHMS: dict[str, str] = {"RS256": "RSA", "ES256": "EC"}
LEEWAY_S = 60
OLDEST_S = 600
SHORTEST_RSA_BITS = 2048
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LONGEST_TOKEN = 64 * 1024
_HEADERS = {"alg", "typ", "kid", "x5t", "x5t#S256", "cty"}
Claims = dict[str, Any]
KeysOf = Callable[[bool], list[dict[str, Any]]]
"""Gives the provider's published keys; True asks it anew."""


def id_token_claims(
    provider: Provider, token: str, keys_of: KeysOf, *, nonce: str, access_token: str | None = None
) -> Claims:
    """What the ID token says, once everything about it holds; raises ``TokenRefused`` with the reason."""
    header, claims = _decoded(token, keys_of)
    _check_type(header, {"JWT"})
    _check_audience(provider, claims)
    if not isinstance(claims.get("nonce"), str) or not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise TokenRefused(Reason.NONCE)
    params = {"client_id": provider.client_id, "nonce": nonce, "access_token": access_token}
    _check_claims(CodeIDToken(claims, header, _options(provider), params))
    _check_times(claims)
    if not claims["sub"]:
        raise TokenRefused(Reason.CLAIM, "sub")
    return claims


def logout_token_claims(provider: Provider, token: str, keys_of: KeysOf) -> Claims:
    """What the logout token says (OpenID Connect Back-Channel Logout 1.0, 2.6); whether it is new, the caller looks."""
    header, claims = _decoded(token, keys_of)
    _check_type(header, {"logout+jwt", "JWT"})
    _check_audience(provider, claims)
    registry = jwt.JWTClaimsRegistry(leeway=LEEWAY_S, **_options(provider), jti={"essential": True})
    _refusing(lambda: registry.validate(claims))
    _check_times(claims)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise TokenRefused(Reason.EVENTS)
    if "nonce" in claims:
        raise TokenRefused(Reason.NONCE)
    if not any(isinstance(claims.get(name), str) and claims[name] for name in ("sub", "sid")):
        raise TokenRefused(Reason.CLAIM, "sub, sid")
    return claims


def burning_key(provider: Provider, claims: Claims) -> str:
    """Under which a token that works once is remembered."""
    return hashlib.sha256(f"{provider.issuer}\0{claims['jti']}".encode()).hexdigest()


def _options(provider: Provider) -> dict[str, Any]:
    return {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }


def _decoded(token: str, keys_of: KeysOf) -> tuple[Mapping[str, Any], Claims]:
    header = _header(token)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS:
        raise TokenRefused(Reason.ALGORITHM, str(algorithm)[:20])
    if odd := set(header) - _HEADERS:
        raise TokenRefused(Reason.HEADER, ", ".join(sorted(odd))[:80])
    key = _key(header, keys_of)
    try:
        return header, jwt.decode(token, key, algorithms=[algorithm]).claims
    except BadSignatureError:
        raise TokenRefused(Reason.SIGNATURE) from None
    except (JoseError, ValueError) as error:
        raise TokenRefused(Reason.MALFORMED, type(error).__name__) from None


def _header(token: str) -> dict[str, Any]:
    """The header as it stands, believed in nothing yet: only to say why a token is refused, and which key to try."""
    try:
        first, _, _ = token.split(".")
        header = json.loads(_bytes(first))
    except ValueError:
        raise TokenRefused(Reason.MALFORMED) from None
    if not isinstance(header, dict) or len(token) > LONGEST_TOKEN:
        raise TokenRefused(Reason.MALFORMED)
    return header


def _key(header: Mapping[str, Any], keys_of: KeysOf) -> RSAKey | ECKey:
    """The published key that fits; asked for anew, once, when the token names one we do not know."""
    for anew in (False, True):
        found = [key for key in keys_of(anew) if _fits(key, header)]
        if len(found) == 1:
            return _imported(found[0])
        if found:
            raise TokenRefused(Reason.KEY, "several keys fit")
    raise TokenRefused(Reason.KEY)


def _fits(key: Mapping[str, Any], header: Mapping[str, Any]) -> bool:
    return (
        key.get("kty") == ALGORITHMS[header["alg"]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", header["alg"]) == header["alg"]
        and ("kid" not in header or key.get("kid") == header["kid"])
        and (key.get("kty") != "EC" or key.get("crv") == "P-256")
    )


def _imported(key: Mapping[str, Any]) -> RSAKey | ECKey:
    """The public half alone, whatever was published."""
    try:
        if key["kty"] == "EC":
            return ECKey.import_key({name: key[name] for name in ("kty", "crv", "x", "y")})
        if len(_bytes(key["n"])) * 8 < SHORTEST_RSA_BITS:
            raise TokenRefused(Reason.KEY, "too short")
        return RSAKey.import_key({name: key[name] for name in ("kty", "n", "e")})
    except (JoseError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise TokenRefused(Reason.KEY, type(error).__name__) from None


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _check_type(header: Mapping[str, Any], allowed: set[str]) -> None:
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.removeprefix("application/").lower() not in {name.lower() for name in allowed}:
        raise TokenRefused(Reason.TYPE, str(kind)[:20])


def _check_audience(provider: Provider, claims: Claims) -> None:
    """Every audience but us is one more who could have used it against us: with several, ``azp`` must be us."""
    if claims.get("iss") != provider.issuer:
        raise TokenRefused(Reason.ISSUER)
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if provider.client_id not in several or (len(several) > 1 and claims.get("azp") != provider.client_id):
        raise TokenRefused(Reason.AUDIENCE)


def _check_times(claims: Claims) -> None:
    issued_at = claims["iat"]
    if issued_at < time.time() - OLDEST_S:
        raise TokenRefused(Reason.TOO_OLD)


def _check_claims(token: CodeIDToken) -> None:
    _refusing(lambda: token.validate(leeway=LEEWAY_S))


_REASONS = {
    "iss": Reason.ISSUER,
    "aud": Reason.AUDIENCE,
    "azp": Reason.AUDIENCE,
    "nonce": Reason.NONCE,
    "at_hash": Reason.ACCESS_TOKEN,
    "nbf": Reason.TOO_EARLY,
    "iat": Reason.TOO_EARLY,
}


def _refusing(check: Callable[[], None]) -> None:
    try:
        check()
    except ExpiredTokenError:
        raise TokenRefused(Reason.EXPIRED) from None
    except InvalidClaimError as error:
        raise TokenRefused(_REASONS.get(error.claim, Reason.CLAIM), error.claim) from None
    except ClaimError as error:
        raise TokenRefused(Reason.CLAIM, error.claim) from None
    except (JoseError, ValueError, TypeError) as error:
        raise TokenRefused(Reason.CLAIM, type(error).__name__) from None
