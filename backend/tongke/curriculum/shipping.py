"""Bringing what this release ships into the database."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text, update
from sqlmodel import Session, col

from tongke.accounts import regions
from tongke.curriculum import shipped, store
from tongke.curriculum.models import CFDocument, CFItem, FrameworkOrigin, ShippedContent
from tongke.db import now

_REGIONS = "regions"
_LOCK = 0x746F6E67  # any number of our own: "tong"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What this start brought in; all zero when the database was up to date.

    What is aligned to ``changed_ids`` has to be indexed again.
    """

    frameworks: int = 0
    items: int = 0
    regions: int = 0
    changed_ids: frozenset[UUID] = frozenset()


def is_current(session: Session) -> bool:
    """Whether everything shipped is already in the database; reads files, writes nothing."""
    return _digests() == _remembered(session)


def load_shipped(session: Session) -> Loaded:
    """Bring every shipped framework and region in, or up to date; does nothing when they are.

    Two processes that start at once do it one after the other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    wanted, remembered = _digests(), _remembered(session)
    stale = [name for name, digest in wanted.items() if remembered.get(name) != digest]
    count, items = 0, 0
    saved: list[store.Saved] = []
    for name in stale:
        if name == _REGIONS:
            count = regions.load_regions(session)
        else:
            saved.append(_load_framework(session, name))
            items += saved[-1].added + saved[-1].updated + saved[-1].unchanged
        _remember(session, name, wanted[name])
    for name in remembered.keys() - wanted.keys():
        _forget(session, name)
    return Loaded(len(saved), items, count, frozenset[UUID]().union(*(one.changed_ids for one in saved)))


def _digests() -> dict[str, str]:
    files = {**shipped.framework_files(), _REGIONS: regions.DATA}
    return {name: shipped.digest(path.read_bytes()) for name, path in files.items()}


def _remembered(session: Session) -> dict[str, str]:
    rows = session.execute(select(col(ShippedContent.name), col(ShippedContent.sha256)))
    return {name: sha256 for name, sha256 in rows}  # noqa: C416 (dict() does not take rows for pairs)


def _load_framework(session: Session, name: str) -> store.Saved:
    outline = shipped.read_framework(shipped.framework_files()[name].read_bytes())
    outline.extra["shipped_as"] = name
    return store.save(session, outline, FrameworkOrigin.SHIPPED)


def _remember(session: Session, name: str, digest: str) -> None:
    session.merge(ShippedContent(name=name, sha256=digest, loaded_at=now()))


def _forget(session: Session, name: str) -> None:
    """A framework this release no longer ships retires; what is aligned to it keeps its place."""
    for document in session.scalars(select(CFDocument).where(col(CFDocument.origin) == FrameworkOrigin.SHIPPED)):
        if document.extra.get("shipped_as") == name:
            document.retired = True
            session.execute(update(CFItem).where(col(CFItem.document_id) == document.id).values(retired=True))
    gone = session.get(ShippedContent, name)
    if gone:
        session.delete(gone)
