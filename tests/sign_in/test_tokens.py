"""Every class of bad token is refused with its own reason; the good ones beside them are believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import serialize_compact

from tongke.accounts.oidc.errors import Reason, TokenRefused
from tongke.accounts.oidc.providers import Provider
from tongke.accounts.oidc.tokens import LOGOUT_EVENT, id_token_claims, logout_token_claims

ISSUER, CLIENT, NONCE = "https://id.county.example", "tongke", "the nonce of this journey"
RSA = RSAKey.generate_key(2048, {"kid": "r1", "use": "sig"}, private=True)
RSA_OTHER = RSAKey.generate_key(2048, {"kid": "r1"}, private=True)
SHORT = {"kty": "RSA", "kid": "short", "e": "AQAB", "n": base64.urlsafe_b64encode(b"\xc5" * 128).rstrip(b"=").decode()}
EC = ECKey.generate_key("P-256", {"kid": "e1", "use": "sig"}, private=True)
PROVIDER = Provider(key="county", name="县教育云", issuer=ISSUER, client_id=CLIENT)
PUBLISHED = [key.as_dict(private=False) for key in (RSA, EC)] + [SHORT]


def keys_of(_anew: bool) -> list[dict[str, Any]]:
    return PUBLISHED


def claims(**more: Any) -> dict[str, Any]:
    moment = int(time.time())
    made = {"iss": ISSUER, "aud": CLIENT, "sub": "u1", "iat": moment, "exp": moment + 300, "nonce": NONCE, **more}
    return {name: value for name, value in made.items() if value is not ...}


def signed(body: dict[str, Any], key: Any = RSA, alg: str = "RS256", **header: Any) -> str:
    return jwt.encode({"alg": alg, "kid": key.kid, **header}, body, key, algorithms=[alg])


def raw(header: dict[str, Any], body: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(body).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def reason_of(token: str, **more: Any) -> Reason:
    with pytest.raises(TokenRefused) as told:
        id_token_claims(PROVIDER, token, more.pop("keys_of", keys_of), nonce=NONCE, **more)
    return told.value.reason


@pytest.mark.parametrize(("key", "alg"), [(RSA, "RS256"), (EC, "ES256")])
def test_good_token_is_believed(key, alg) -> None:
    assert id_token_claims(PROVIDER, signed(claims(), key, alg), keys_of, nonce=NONCE)["sub"] == "u1"


def test_token_a_little_off_in_time_is_believed() -> None:
    moment = int(time.time())

    for body in (claims(iat=moment + 30), claims(exp=moment - 30, iat=moment - 300), claims(nbf=moment + 30)):
        assert id_token_claims(PROVIDER, signed(body), keys_of, nonce=NONCE)["sub"] == "u1"


def hs256_with_the_public_key() -> str:
    """By hand: no decent library signs so."""
    unsigned = raw({"alg": "HS256", "typ": "JWT", "kid": "r1"}, claims()).rsplit(".", 1)[0]
    mac = hmac.new(RSA.as_pem(private=False), unsigned.encode(), hashlib.sha256).digest()
    return unsigned + "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def with_its_own_key() -> str:
    thief = RSAKey.generate_key(2048, {"kid": "mine"}, private=True)
    return jwt.encode({"alg": "RS256", "jwk": thief.as_dict(private=False)}, claims(), thief, algorithms=["RS256"])


MOMENT = int(time.time())
BAD: dict[str, tuple[Callable[[], str], Reason]] = {
    "no algorithm": (lambda: raw({"alg": "none"}, claims()), Reason.ALGORITHM),
    "no algorithm, said strangely": (lambda: raw({"alg": "NonE", "kid": "r1"}, claims()), Reason.ALGORITHM),
    "no header of an algorithm": (lambda: raw({"kid": "r1"}, claims()), Reason.ALGORITHM),
    "HMAC with the public key": (hs256_with_the_public_key, Reason.ALGORITHM),
    "RS384": (lambda: signed(claims(), RSA, "RS384"), Reason.ALGORITHM),
    "PS256": (lambda: signed(claims(), RSA, "PS256"), Reason.ALGORITHM),
    "a key in the header": (with_its_own_key, Reason.HEADER),
    "a key's address in the header": (lambda: signed(claims(), jku="https://evil.example/keys"), Reason.HEADER),
    "a certificate in the header": (lambda: signed(claims(), x5c=["MIIB"]), Reason.HEADER),
    "a critical extension": (lambda: raw({"alg": "RS256", "kid": "r1", "crit": ["x"], "x": 1}, claims()), Reason.HEADER),
    "signed by somebody else": (lambda: signed(claims(), RSA_OTHER), Reason.SIGNATURE),
    "changed after signing": (lambda: ".".join(a if n != 1 else b for n, (a, b) in enumerate(zip(signed(claims()).split("."), signed(claims(sub="admin")).split("."), strict=True))), Reason.SIGNATURE),
    "signature cut off": (lambda: signed(claims()).rsplit(".", 1)[0] + ".", Reason.SIGNATURE),
    "an unknown key": (lambda: signed(claims(), RSAKey.generate_key(2048, {"kid": "new"}, private=True)), Reason.KEY),
    "an RSA key called by an EC algorithm": (lambda: raw({"alg": "ES256", "kid": "r1"}, claims(), b"x" * 64), Reason.KEY),
    "a short key": (lambda: raw({"alg": "RS256", "kid": "short"}, claims(), b"x" * 128), Reason.KEY),
    "expired": (lambda: signed(claims(exp=MOMENT - 90)), Reason.EXPIRED),
    "from the future": (lambda: signed(claims(iat=MOMENT + 900, exp=MOMENT + 1200)), Reason.TOO_EARLY),
    "not yet": (lambda: signed(claims(nbf=MOMENT + 900)), Reason.TOO_EARLY),
    "issued long ago": (lambda: signed(claims(iat=MOMENT - 3600)), Reason.TOO_OLD),
    "another audience": (lambda: signed(claims(aud="another")), Reason.AUDIENCE),
    "no audience": (lambda: signed(claims(aud=...)), Reason.AUDIENCE),
    "several audiences and no azp": (lambda: signed(claims(aud=[CLIENT, "another"])), Reason.AUDIENCE),
    "azp is another": (lambda: signed(claims(azp="another")), Reason.AUDIENCE),
    "another issuer": (lambda: signed(claims(iss="https://id.county.example.evil")), Reason.ISSUER),
    "issuer with a slash": (lambda: signed(claims(iss=ISSUER + "/")), Reason.ISSUER),
    "another journey's nonce": (lambda: signed(claims(nonce="stolen")), Reason.NONCE),
    "no nonce": (lambda: signed(claims(nonce=...)), Reason.NONCE),
    "nonce that is no text": (lambda: signed(claims(nonce=[NONCE])), Reason.NONCE),
    "no subject": (lambda: signed(claims(sub=...)), Reason.CLAIM),
    "empty subject": (lambda: signed(claims(sub="")), Reason.CLAIM),
    "subject that is no text": (lambda: signed(claims(sub={"a": 1})), Reason.CLAIM),
    "no expiry": (lambda: signed(claims(exp=...)), Reason.CLAIM),
    "a logout token": (lambda: signed(claims(events={LOGOUT_EVENT: {}}, jti="1"), typ="logout+jwt"), Reason.TYPE),
    "an access token": (lambda: signed(claims(), typ="at+jwt"), Reason.TYPE),
    "two parts": (lambda: "a.b", Reason.MALFORMED),
    "nonsense": (lambda: "....", Reason.MALFORMED),
    "empty": (lambda: "", Reason.MALFORMED),
    "header that is a list": (lambda: "W10." + "e30.", Reason.MALFORMED),
    "payload that is a list": (lambda: serialize_compact({"alg": "RS256", "kid": "r1"}, b"[]", RSA), Reason.MALFORMED),
    "very long": (lambda: signed(claims(blob="x" * 70_000)), Reason.MALFORMED),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_token_is_refused_with_its_reason(name) -> None:
    make, reason = BAD[name]

    assert reason_of(make()) is reason


def test_access_token_that_does_not_belong_is_refused() -> None:
    digest = hashlib.sha256(b"mine").digest()[:16]
    body = claims(at_hash=base64.urlsafe_b64encode(digest).rstrip(b"=").decode())

    assert id_token_claims(PROVIDER, signed(body), keys_of, nonce=NONCE, access_token="mine")["sub"] == "u1"
    assert reason_of(signed(body), access_token="another") is Reason.ACCESS_TOKEN


def test_key_that_is_new_is_asked_for_once() -> None:
    fresh = RSAKey.generate_key(2048, {"kid": "r2"}, private=True)
    asked: list[bool] = []

    def rolled(anew: bool) -> list[dict[str, Any]]:
        asked.append(anew)
        return [fresh.as_dict(private=False)] if anew else PUBLISHED

    assert id_token_claims(PROVIDER, signed(claims(), fresh), rolled, nonce=NONCE)["sub"] == "u1"
    assert asked == [False, True]


def test_published_secret_and_encryption_keys_sign_nothing() -> None:
    shared = OctKey.generate_key(256, {"kid": "r1"}).as_dict(private=True)
    for_encryption = {**RSA.as_dict(private=False), "use": "enc"}

    assert reason_of(signed(claims()), keys_of=lambda _: [shared, for_encryption]) is Reason.KEY


def logout(**more: Any) -> dict[str, Any]:
    return claims(nonce=..., jti="j1", sid="s1", events={LOGOUT_EVENT: {}}, **more)


def test_good_logout_token_is_believed() -> None:
    for header in ({"typ": "logout+jwt"}, {}):
        assert logout_token_claims(PROVIDER, signed(logout(), **header), keys_of)["sid"] == "s1"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (lambda: {**logout(), "nonce": "x"}, Reason.NONCE),
        (lambda: {k: v for k, v in logout().items() if k != "events"}, Reason.EVENTS),
        (lambda: {**logout(), "events": {LOGOUT_EVENT: "yes"}}, Reason.EVENTS),
        (lambda: {**logout(), "events": {"another": {}}}, Reason.EVENTS),
        (lambda: {k: v for k, v in logout().items() if k not in ("sub", "sid")}, Reason.CLAIM),
        (lambda: {k: v for k, v in logout().items() if k != "jti"}, Reason.CLAIM),
        (lambda: {**logout(), "jti": 5}, Reason.CLAIM),
        (lambda: {k: v for k, v in logout().items() if k != "exp"}, Reason.CLAIM),
        (lambda: logout(exp=MOMENT - 90), Reason.EXPIRED),
        (lambda: logout(iat=MOMENT - 3600), Reason.TOO_OLD),
        (lambda: logout(aud="another"), Reason.AUDIENCE),
        (lambda: logout(iss="https://evil.example"), Reason.ISSUER),
        (claims, Reason.CLAIM),
    ],
    ids=["nonce", "no events", "event is text", "another event", "nobody", "no jti", "jti is a number", "no expiry",
         "expired", "old", "another audience", "another issuer", "an ID token"],
)  # fmt: skip
def test_bad_logout_token_is_refused_with_its_reason(body, reason) -> None:
    with pytest.raises(TokenRefused) as told:
        logout_token_claims(PROVIDER, signed(body(), typ="logout+jwt"), keys_of)

    assert told.value.reason is reason


def test_every_reason_has_words_of_its_own() -> None:
    words = {str(TokenRefused(reason)) for reason in Reason}

    assert len(words) == len(Reason)
