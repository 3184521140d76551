"""Which school a record means by what it calls it."""

from __future__ import annotations

from sqlmodel import Session, col, or_, select

from tongke.accounts.models import School


class Schools:
    """Finds schools by code or by name; remembers what it found."""

    def __init__(self) -> None:
        self._found: dict[str, list[School]] = {}

    def learn(self, session: Session, names: set[str]) -> None:
        """Look up, in one query, every name not yet known."""
        unknown = names - self._found.keys()
        if not unknown:
            return
        self._found.update({name: [] for name in unknown})
        wanted = select(School).where(or_(col(School.code).in_(unknown), col(School.name).in_(unknown)))
        for school in session.exec(wanted):
            for key in {school.code, school.name} & unknown:
                self._found[key].append(school)

    def find(self, name: str, region: str) -> School | None:
        """Return the one school of that code or name (in ``region``, if several have it); None when none or many."""
        found = self._found.get(name, [])
        if len(found) > 1 and region:
            found = [s for s in found if s.region_code.startswith(region) or region.startswith(s.region_code)]
        return found[0] if len(found) == 1 else None
