"""Writing a whole framework: what is new is added, what changed is updated in place, what is gone retires."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlmodel import Session, col

from tongke.curriculum.arrangement import Row, arrange
from tongke.curriculum.models import CFAssociation, CFDocument, CFItem, FrameworkOrigin
from tongke.curriculum.outline import Outline, OutlineLink, id_of
from tongke.db import metadata
from tongke.i18n import say

CHUNK = 500
MAX_WAITING = 5_000
T = TypeVar("T")
_ITEM = CFItem.__table__  # type: ignore[attr-defined]
_LINK = CFAssociation.__table__  # type: ignore[attr-defined]
_DOCUMENT_FIELDS = {field.name for field in fields(Outline)} & CFDocument.model_fields.keys() - {"identifier"}


@dataclass(frozen=True, slots=True)
class Saved:
    """What writing a framework did."""

    document: CFDocument
    added: int
    updated: int
    unchanged: int
    retired: int
    removed: int
    links: int
    changed_ids: frozenset[UUID]
    """Items that were here before and now read differently or are retired: what is aligned to them is indexed again."""


def save(session: Session, outline: Outline, origin: FrameworkOrigin) -> Saved:
    """Make the database hold ``outline``; ids follow from identifiers, so alignments stay where they were.

    Items of other frameworks are never touched: an identifier that is theirs is left out with a warning.
    """
    document = _document(session, outline, origin)
    present = {row["id"]: row for row in _present(session, document.id)}
    if origin is not FrameworkOrigin.SHIPPED:
        _leave_out_foreign(session, outline, document.id)
    rows = arrange(outline, document.id)
    fresh = [row for row in rows if row["id"] not in present]
    changed = [row for row in rows if row["id"] in present and row != present[row["id"]]]
    if fresh:
        session.execute(insert(_ITEM), fresh)
    _update(session, changed)
    own = {row["id"] for row in rows}
    gone = {item_id: row for item_id, row in present.items() if item_id not in own}
    retired = _retire(session, gone)
    removed = _delete(session, {item_id: row for item_id, row in gone.items() if item_id not in retired})
    newly_retired = {item_id for item_id in retired if not gone[item_id]["retired"]}
    links = _replace_links(session, outline, document, own)
    session.flush()
    session.expire_all()  # rows were written past the session's objects
    return Saved(
        document=document,
        added=len(fresh),
        updated=len(changed),
        unchanged=len(rows) - len(fresh) - len(changed),
        retired=len(newly_retired),
        removed=removed,
        links=links,
        changed_ids=frozenset(row["id"] for row in changed if _reads_differently(row, present[row["id"]]))
        | newly_retired,
    )


def _reads_differently(row: Row, before: Row) -> bool:
    """Whether more than its place among its siblings changed."""
    return any(row[name] != before[name] for name in row if name not in {"position", "extra"})


def _document(session: Session, outline: Outline, origin: FrameworkOrigin) -> CFDocument:
    document = session.get(CFDocument, id_of(outline.identifier))
    if document is None:
        document = CFDocument(
            id=id_of(outline.identifier), identifier=outline.identifier, title=outline.title, family=outline.family
        )
    for name in _DOCUMENT_FIELDS:
        setattr(document, name, getattr(outline, name))
    document.origin, document.retired = origin, False
    session.add(document)
    session.flush()  # its items refer to it, and they are written past the session
    return document


def _present(session: Session, document_id: UUID) -> Iterator[Row]:
    for row in session.execute(select(_ITEM).where(_ITEM.c.document_id == document_id)).mappings():
        yield dict(row)


def _leave_out_foreign(session: Session, outline: Outline, document_id: UUID) -> None:
    foreign: set[str] = set()
    for names in chunks([item.identifier for item in outline.items]):
        asked = select(col(CFItem.identifier)).where(
            col(CFItem.id).in_([id_of(name) for name in names]), col(CFItem.document_id) != document_id
        )
        foreign.update(session.scalars(asked))
    for name in sorted(foreign):
        outline.warn(name, say("这个标识属于另一个课程框架，已跳过。"))
    outline.items = [item for item in outline.items if item.identifier not in foreign]


def _update(session: Session, rows: list[Row]) -> None:
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    statement = update(_ITEM).where(_ITEM.c.id == bindparam("row_id")).values({n: bindparam(f"new_{n}") for n in names})
    changes = [{"row_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows]
    session.connection().execute(statement, changes)


def _retire(session: Session, gone: dict[UUID, Row]) -> set[UUID]:
    """Retire those of ``gone`` that something refers to, and what stands above them; which they are."""
    kept: set[UUID] = set()
    for item_id in in_use(session, gone):
        above: UUID | None = item_id
        while above in gone and above not in kept:
            kept.add(above)
            above = gone[above]["parent_id"]
    for some in chunks(sorted(kept)):
        session.execute(update(_ITEM).where(_ITEM.c.id.in_(some)).values(retired=True))
    return kept


def _delete(session: Session, leaving: dict[UUID, Row]) -> int:
    for some in chunks(sorted(leaving, key=lambda item_id: -leaving[item_id]["depth"])):
        session.execute(delete(_LINK).where(_LINK.c.origin_id.in_(some) | _LINK.c.destination_id.in_(some)))
        session.execute(delete(_ITEM).where(_ITEM.c.id.in_(some)))
    return len(leaving)


def in_use(session: Session, item_ids: Iterable[UUID]) -> set[UUID]:
    """Those of ``item_ids`` that a row outside the curriculum refers to, whichever table that is."""
    found: set[UUID] = set()
    columns = [
        key.parent
        for table in metadata.tables.values()
        if table not in (_ITEM, _LINK)
        for key in table.foreign_keys
        if key.column is _ITEM.c.id
    ]
    for some in chunks(item_ids):
        for column in columns:
            found.update(session.scalars(select(column).where(column.in_(some)).distinct()))
    return found


def _replace_links(session: Session, outline: Outline, document: CFDocument, own: set[UUID]) -> int:
    """Write the relations whose both ends are here; the others wait in the document for the next import."""
    session.execute(delete(_LINK).where(_LINK.c.document_id == document.id))
    elsewhere = {id_of(name) for link in outline.links for name in (link.origin, link.destination)} - own
    known = own | _existing(session, elsewhere)
    rows: dict[UUID, dict[str, Any]] = {}
    waiting: list[list[str]] = []
    for link in outline.links:
        row = _link_row(link, document.id)
        if row["origin_id"] in known and row["destination_id"] in known:
            rows.setdefault(row["id"], row)
        else:
            outline.warn(link.identifier, say("关系的一端不在平台里，暂未建立。"))
            waiting.append([link.identifier, link.kind, link.origin, link.destination])
    if rows:
        session.execute(insert(_LINK), list(rows.values()))
    if waiting:
        document.extra = {**document.extra, "waiting_links": waiting[:MAX_WAITING]}
    return len(rows)


def _link_row(link: OutlineLink, document_id: UUID) -> dict[str, Any]:
    # Named after document and relation, so that two frameworks may both state one and keep their own.
    identifier = f"{document_id}:{link.identifier}"
    return {
        "id": id_of(identifier),
        "identifier": identifier,
        "document_id": document_id,
        "association_type": link.kind,
        "origin_id": id_of(link.origin),
        "destination_id": id_of(link.destination),
        "position": link.position,
    }


def _existing(session: Session, item_ids: Iterable[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for some in chunks(item_ids):
        found.update(session.scalars(select(col(CFItem.id)).where(col(CFItem.id).in_(some))))
    return found


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """``values`` in pieces that fit the databases' limit on parameters."""
    listed = list(values)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
