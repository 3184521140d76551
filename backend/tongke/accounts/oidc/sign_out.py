"""The provider ends sign-ins here (OpenID Connect Back-Channel Logout)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from tongke.accounts.models import SignInSession
from tongke.accounts.oidc.errors import Reason, TokenRefused
from tongke.accounts.oidc.providers import Provider
from tongke.accounts.oidc.tokens import LEEWAY_S, burning_key
from tongke.accounts.sign_in_models import BurntToken, ProviderSession


def end_from_provider(session: Session, provider: Provider, claims: dict[str, Any]) -> int:
    """End what a believed logout token names: one session by ``sid``, else all of ``sub``; returns how many."""
    burn(session, provider, claims)
    wanted = [ProviderSession.issuer == provider.issuer]
    if sid := claims.get("sid"):
        wanted.append(ProviderSession.sid == sid)
    if subject := claims.get("sub"):
        wanted.append(ProviderSession.subject == subject)
    tokens = session.exec(select(ProviderSession.token_sha256).where(*wanted)).all()
    session.execute(delete(SignInSession).where(col(SignInSession.token_sha256).in_(tokens)))
    return len(tokens)


def burn(session: Session, provider: Provider, claims: dict[str, Any]) -> None:
    """Remember the token until it expires; raises ``TokenRefused`` when it was here before."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC) + timedelta(seconds=2 * LEEWAY_S)
    row = {"token_sha256": burning_key(provider, claims), "expires_at": expires_at}
    burnt = session.execute(
        insert(BurntToken).values(row).on_conflict_do_nothing().returning(col(BurntToken.token_sha256))
    )
    if burnt.first() is None:
        raise TokenRefused(Reason.REPLAYED)
