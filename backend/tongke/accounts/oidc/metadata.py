"""What providers publish about themselves, asked for when somebody wants to sign in, and kept for a while."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog

from tongke.accounts.oidc.errors import ProviderDown
from tongke.accounts.oidc.fetching import FetchFailed, fetch
from tongke.accounts.oidc.providers import Provider

FRESH_S, STALE_S, AGAIN_AFTER_S, KEYS_AGAIN_AFTER_S = 3600.0, 24 * 3600.0, 10.0, 60.0
log = structlog.get_logger()
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Metadata:
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    can_select_account: bool
    says_issuer: bool


@dataclass(slots=True)
class _Kept:
    value: Any = None
    at: float = float("-inf")
    failed_at: float = float("-inf")
    why: str = ""


class Notebook:
    """One process's memory of what providers published: an hour fresh, a day better than nothing.

    A provider that failed is not asked again for ten seconds, so that those who click on it do not queue up.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = defaultdict(_Kept)
        self._locks: dict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)

    def metadata(self, provider: Provider) -> Metadata:
        """Where the provider wants to be asked; raises ``ProviderDown``."""
        return self._recall("metadata", provider, lambda: _discover(provider), FRESH_S)

    def keys(self, provider: Provider, *, anew: bool = False) -> list[dict[str, Any]]:
        """Its published keys as JWK; ``anew`` when a token names one that we do not know yet."""
        jwks_uri = self.metadata(provider).jwks_uri
        return self._recall("keys", provider, lambda: _keys(jwks_uri), KEYS_AGAIN_AFTER_S if anew else FRESH_S)

    def forget(self) -> None:
        self._kept.clear()

    def _recall(self, what: str, provider: Provider, ask: Callable[[], _T], fresh_s: float) -> _T:
        place = (what, provider.issuer)
        with self._locks[place]:
            kept, moment = self._kept[place], time.monotonic()
            if moment - kept.at < fresh_s:
                return kept.value  # type: ignore[no-any-return]
            if moment - kept.failed_at >= AGAIN_AFTER_S:
                try:
                    kept.value, kept.at = ask(), moment
                except FetchFailed as error:
                    kept.failed_at, kept.why = time.monotonic(), str(error)
                    log.warning("oidc.provider_down", provider=provider.key, what=what, why=kept.why)
                else:
                    return kept.value  # type: ignore[no-any-return]
            if moment - kept.at < STALE_S:
                return kept.value  # type: ignore[no-any-return]
            raise ProviderDown(provider.name, kept.why)


notebook = Notebook()


def _discover(provider: Provider) -> Metadata:
    told = fetch("GET", f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration", headers={})
    if told.get("issuer") != provider.issuer:
        raise FetchFailed("it calls itself another issuer")

    def address(name: str, *, needed: bool = True) -> str:
        value = told.get(name)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not _is_as_safe(value, provider.issuer):
            raise FetchFailed(f"{name} is not a safe address")
        return value

    prompts = told.get("prompt_values_supported")
    return Metadata(
        authorization_endpoint=address("authorization_endpoint"),
        token_endpoint=address("token_endpoint"),
        jwks_uri=address("jwks_uri"),
        userinfo_endpoint=address("userinfo_endpoint", needed=False),
        end_session_endpoint=address("end_session_endpoint", needed=False),
        can_select_account=isinstance(prompts, list) and "select_account" in prompts,
        says_issuer=told.get("authorization_response_iss_parameter_supported") is True,
    )


def _is_as_safe(url: str, issuer: str) -> bool:
    """Https always; http only on the very machine of an issuer that is there itself."""
    parts, home = urlsplit(url), urlsplit(issuer)
    if parts.fragment or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == home.scheme == "http" and parts.hostname == home.hostname)


def _keys(jwks_uri: str) -> list[dict[str, Any]]:
    keys = fetch("GET", jwks_uri, headers={}).get("keys")
    if not isinstance(keys, list):
        raise FetchFailed("it publishes no keys")
    return [key for key in keys if isinstance(key, dict)]
