"""The identity providers an operator set up: what each is called, and what it is believed in."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from tongke.accounts.models import Role
from tongke.config import Settings, SettingsError

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+$", to_lower=True)]
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ClaimMap(BaseModel):
    """Where a provider says what: names of claims, ``org.code`` for one inside another; empty: not said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "name"
    email: str = "email"
    email_verified: str = "email_verified"
    role: str = ""
    roles: dict[str, Role] = Field(default_factory=dict, description="The provider's word for a role → ours.")
    school: str = ""
    schools: dict[str, str] = Field(
        default_factory=dict, description="The provider's word for a school → its code here."
    )
    region: str = ""


class Provider(BaseModel):
    """One identity provider. What is not set is not believed: no new accounts, no links, no ranks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Key
    name: str = Field(min_length=1, max_length=40)
    name_en: str = Field("", max_length=60)
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: str = Field("", repr=False)
    client_secret_env: str = ""
    client_secret_file: str = ""
    token_auth: Literal["client_secret_basic", "client_secret_post", "none"] = "client_secret_basic"  # noqa: S105
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    claims: ClaimMap = ClaimMap()
    link_email_domains: tuple[Domain, ...] = ()
    new_accounts: bool = False
    new_account_email_domains: tuple[Domain, ...] = ()
    new_account_regions: tuple[str, ...] = ()
    follow: bool = Field(True, description="Whether school and role follow the claims at every sign-in.")
    ranks: tuple[Role, ...] = Field((), description="Ranks beyond teacher and pupil that a claim may give.")
    checks_second_step: bool = False

    @model_validator(mode="after")
    def _check(self) -> Provider:
        parts = urlsplit(self.issuer)
        if not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError("issuer must be an address without query, fragment or user")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("issuer must be https (http only on this machine)")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold openid")
        return self

    def label(self, locale: str) -> str:
        return self.name_en if self.name_en and locale == "en" else self.name

    @property
    def secret(self) -> str:
        """The client secret, from where the operator keeps it."""
        if self.client_secret_file:
            return Path(self.client_secret_file).read_text(encoding="utf-8").strip()
        if self.client_secret_env:
            return os.environ.get(self.client_secret_env, "")
        return self.client_secret

    def redirect_uri(self, base_url: str) -> str:
        return f"{base_url}/sign-in/return/{self.key}"


Providers = Mapping[str, Provider]


def providers(settings: Settings) -> Providers:
    """The providers by key, in the order they were written; raises ``SettingsError`` that says what is wrong."""
    path = settings.oidc_file
    try:
        stamp = path.stat().st_mtime_ns if path else 0
    except OSError as error:
        raise SettingsError(f"TONGKE_OIDC_FILE: {error.strerror}: {path}") from None
    return _read(path, stamp, settings.oidc_providers)


@lru_cache(maxsize=8)
def _read(path: Path | None, _stamp: int, text: str) -> Providers:
    written: dict[str, Any] = {}
    try:
        if path:
            written |= tomllib.loads(path.read_text(encoding="utf-8")).get("providers", {})
        if text:
            written |= dict(**json.loads(text))
        made = {key: Provider(key=key, **fields) for key, fields in written.items()}
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise SettingsError(f"identity providers: {error.title} {wrong}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingsError(f"identity providers: {error}") from None
    _no_two_alike(made)
    return made


def _no_two_alike(made: Providers) -> None:
    issuers = [(p.issuer, p.client_id) for p in made.values()]
    if len(issuers) != len(set(issuers)):
        raise SettingsError("identity providers: two have the same issuer and client")
