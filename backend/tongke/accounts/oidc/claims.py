"""What a provider says about a person, in our words: a pure reading of claims by the operator's map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tongke.accounts.models import Role
from tongke.accounts.oidc.providers import Provider

FREE_ROLES = frozenset({Role.TEACHER, Role.PUPIL})
_RANK = (Role.PUPIL, Role.TEACHER, Role.REVIEWER, Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN)
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody whom a provider vouches for. ``role`` is one the provider may give, or None when it says none."""

    provider: str
    issuer: str
    subject: str
    name: str = ""
    email: str = ""
    email_verified: bool = False
    role: Role | None = None
    school_code: str = ""
    region_code: str = ""
    sid: str = ""


def arrival(provider: Provider, claims: Mapping[str, Any]) -> Arrival:
    """Read the claims. Ranks that the provider may not give are passed over; a name is cut, never refused."""
    said = provider.claims
    school = _text(claims, said.school)
    return Arrival(
        provider=provider.key,
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        name=_text(claims, said.name),
        email=_text(claims, said.email).lower(),
        email_verified=_found(claims, said.email_verified) is True,
        role=_role(provider, claims),
        school_code=said.schools.get(school, school),
        region_code=_text(claims, said.region),
        sid=_text(claims, "sid"),
    )


def _role(provider: Provider, claims: Mapping[str, Any]) -> Role | None:
    """The highest of the roles named that the provider may give."""
    told = _found(claims, provider.claims.role)
    words = told if isinstance(told, list) else [told]
    known = [provider.claims.roles[word] for word in words if isinstance(word, str) and word in provider.claims.roles]
    given = [role for role in known if role in FREE_ROLES or role in provider.ranks]
    return max(given, key=_RANK.index, default=None)


def _text(claims: Mapping[str, Any], path: str) -> str:
    value = _found(claims, path)
    if isinstance(value, list) and value:
        value = value[0]
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) and value is not True else ""
    return "".join(c for c in text if c.isprintable()).strip()[:LONGEST]


def _found(claims: Mapping[str, Any], path: str) -> Any:
    """``org.code``: a claim of that very name, else one inside another."""
    if not path:
        return None
    if path in claims:
        return claims[path]
    value: Any = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()
