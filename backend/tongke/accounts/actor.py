"""Who is asking: a frozen value, so that policies need no session."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tongke.accounts.models import Role

RANK = (Role.PUPIL, Role.TEACHER, Role.REVIEWER, Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN)
"""From the lowest to the highest."""
ADMINS = frozenset({Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in the highest rank in effect.

    ``reach`` is the region code prefix the rank covers: empty is the whole platform, None nothing. ``reviewing`` is
    the same for a reviewer's rank held besides a higher one. ``schools`` are all schools of today with their regions.
    ``idle_minutes`` is after how long without use this sign-in ends; 0: never.
    """

    user_id: UUID | None = None
    name: str = ""
    role: Role | None = None
    school_id: UUID | None = None
    school_name: str = ""
    school_region: str = ""
    reach: str | None = None
    reviewing: str | None = None
    schools: tuple[tuple[UUID, str], ...] = ()
    scopes: frozenset[str] = frozenset()
    idle_minutes: int = 0
    locale: str | None = None
    low_data: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    def is_a(self, *roles: Role) -> bool:
        return self.role in roles or (Role.REVIEWER in roles and self.reviewing is not None)

    @property
    def review_reach(self) -> str | None:
        """The region code prefix in which this person reviews; None where they do not."""
        return self.reach if self.role is Role.REVIEWER else self.reviewing

    def reviews_in(self, region_code: str | None) -> bool:
        return self.review_reach is not None and (region_code or "").startswith(self.review_reach)

    @property
    def school_ids(self) -> frozenset[UUID]:
        """Every school the person is at today."""
        return frozenset(one for one in (self.school_id, *(school_id for school_id, _ in self.schools)) if one)

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
        marks.update(f"school:{school_id}" for school_id in self.school_ids)
        for region in {self.school_region, *(region for _, region in self.schools)}:
            marks.update(f"region:{region[:n]}" for n in (2, 4, 6, 9) if len(region) >= n)
        if self.role is Role.REGION_ADMIN and self.reach:
            marks.add(f"office:{self.reach}")
        if self.role is Role.PLATFORM_ADMIN:
            marks.add("platform")
        return frozenset(marks)


ANONYMOUS = Actor()
OPERATOR = Actor(name="tongke", role=Role.PLATFORM_ADMIN, reach="")
"""Whoever may run commands on the machine may do what the platform's administrators may."""
