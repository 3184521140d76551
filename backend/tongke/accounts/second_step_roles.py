"""Which roles the operator wants a second step from; apart from the codes, whose ciphers are slow to load."""

from __future__ import annotations

from tongke.accounts.models import Role
from tongke.config import Settings, SettingsError


def roles_that_need_it(settings: Settings) -> frozenset[Role]:
    """The roles the operator named; raises ``SettingsError`` for a word that is no role."""
    words = [word.strip() for word in settings.second_step_roles.split(",") if word.strip()]
    try:
        return frozenset(Role(word) for word in words)
    except ValueError as error:
        raise SettingsError(f"TONGKE_SECOND_STEP_ROLES: {error}") from None
