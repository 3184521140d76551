"""Who is asking: a frozen value, so that policies need no session."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tongke.accounts.models import Role

ADMINS = frozenset({Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``reach`` is the region code prefix their rank covers: empty is the whole platform, None nothing."""

    user_id: UUID | None = None
    name: str = ""
    role: Role | None = None
    school_id: UUID | None = None
    school_name: str = ""
    school_region: str = ""
    reach: str | None = None
    scopes: frozenset[str] = frozenset()
    locale: str | None = None
    low_data: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    def is_a(self, *roles: Role) -> bool:
        return self.role in roles

    def covers(self, region_code: str | None) -> bool:
        """Whether this person's rank reaches ``region_code``."""
        return self.reach is not None and (region_code or "").startswith(self.reach)

    def may_use(self, scope: str) -> bool:
        """Whether the token in hand allows ``scope``; a browser session and an unnarrowed token allow all."""
        return not self.scopes or scope in self.scopes

    @property
    def audiences(self) -> frozenset[str]:
        """The audience marks this person may read: what a resource's ``audience`` is matched against."""
        marks = {"public"}
        if self.user_id:
            marks.add(f"person:{self.user_id}")
        if self.school_id:
            marks.add(f"school:{self.school_id}")
        marks.update(f"region:{self.school_region[:n]}" for n in (2, 4, 6, 9) if len(self.school_region) >= n)
        if self.role is Role.REGION_ADMIN and self.reach:
            marks.add(f"office:{self.reach}")
        if self.role is Role.PLATFORM_ADMIN:
            marks.add("platform")
        return frozenset(marks)


ANONYMOUS = Actor()
OPERATOR = Actor(name="tongke", role=Role.PLATFORM_ADMIN, reach="")
"""Whoever may run commands on the machine may do what the platform's administrators may."""
