"""Short codes for printed sheets: seven characters none of which looks like another."""

from __future__ import annotations

import secrets

from sqlmodel import Session, col, select

from tongke.resources.models import LearningResource

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 7


def draw() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_short_codes(session: Session, count: int) -> list[str]:
    """Return ``count`` codes that no resource has."""
    found: set[str] = set()
    while len(found) < count:
        drawn = {draw() for _ in range(count - len(found))} - found
        taken = session.exec(
            select(LearningResource.short_code).where(col(LearningResource.short_code).in_(drawn))
        ).all()
        found |= drawn - set(taken)
    return list(found)


def as_typed(text: str) -> str:
    """What somebody typed, without the case, blanks and dashes a printed sheet may lead to."""
    return "".join(c for c in text.lower() if c.isalnum())[:LENGTH]
