"""Reading frameworks and their items: lists come by columns, each in a fixed number of queries."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlmodel import Session

from tongke.curriculum.models import CFAssociation, CFDocument, CFItem, FrameworkFamily, FrameworkOrigin
from tongke.curriculum.outline import clean
from tongke.curriculum.store import chunks
from tongke.curriculum.titles import join_trail
from tongke.errors import NotFound

MAX_TYPED = 200
Counts = Callable[[Session, Sequence[UUID]], Mapping[UUID, int]]
"""How many resources stand at or below each item; given by the layer that knows resources."""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item as lists show it."""

    id: UUID
    document_id: UUID
    parent_id: UUID | None
    title: str
    short: str
    code: str
    item_type: str
    depth: int
    path: str
    trail: str
    subject: str
    stage: str
    grade: int | None
    volume: str
    edition: str
    retired: bool
    has_children: bool
    resources: int | None = None

    @property
    def label_path(self) -> str:
        """The whole way down: 语文 统编版 › 三年级上册 › 第一单元 › 1 大青树下的小学."""
        return join_trail(self.trail, self.title)


@dataclass(frozen=True, slots=True)
class FrameworkLine:
    """A framework as lists show it."""

    id: UUID
    identifier: str
    title: str
    family: str
    origin: str
    subject: str
    stage: str
    system: str
    edition: str
    creator: str
    publisher: str
    language: str
    source: str
    notes: str
    region_code: str | None
    school_id: UUID | None
    item_count: int


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way to an item; the framework itself comes first, without ``item_id``."""

    title: str
    document_id: UUID
    item_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Related:
    """What an association leads to from an item, read forwards or backwards."""

    kind: str
    is_forward: bool
    item: ItemLine


ITEM = CFItem.__table__.c  # type: ignore[attr-defined]
FRAMEWORK = CFDocument.__table__.c  # type: ignore[attr-defined]
_LINK = CFAssociation.__table__.c  # type: ignore[attr-defined]
_children_of = CFItem.__table__.alias("below")  # type: ignore[attr-defined]
_HAS_CHILDREN = (
    select(_children_of.c.id)
    .where(_children_of.c.parent_id == ITEM.id, _children_of.c.retired.is_(False))
    .correlate(CFItem)
    .exists()
)
_LINE: tuple[Any, ...] = (
    ITEM.id,
    ITEM.document_id,
    ITEM.parent_id,
    ITEM.full_statement,
    ITEM.abbreviated_statement,
    ITEM.human_coding_scheme,
    ITEM.item_type,
    ITEM.depth,
    ITEM.path,
    ITEM.trail,
    ITEM.subject,
    ITEM.stage,
    ITEM.grade,
    ITEM.volume,
    ITEM.edition,
    ITEM.retired,
    _HAS_CHILDREN,
)


def item_lines(session: Session, statement: Select[Any]) -> list[ItemLine]:
    return [ItemLine(*row) for row in session.execute(statement)]


def line_query() -> Select[Any]:
    """The columns of ``ItemLine``, to be narrowed and put in order."""
    return select(*_LINE)


# Frameworks


def framework(session: Session, key: str | UUID) -> CFDocument:
    """The framework with this id, or with this identifier; raises ``NotFound``."""
    key = key if isinstance(key, UUID) else clean(key)
    as_id = key if isinstance(key, UUID) else _as_uuid(key)
    found = session.get(CFDocument, as_id) if as_id else None
    if found is None:
        found = session.scalars(select(CFDocument).where(FRAMEWORK.identifier == str(key))).first()
    if found is None:
        raise NotFound
    return found


def frameworks(
    session: Session,
    *,
    family: FrameworkFamily | None = None,
    origin: FrameworkOrigin | None = None,
    subject: str = "",
    stage: str = "",
    system: str = "",
    edition: str = "",
    text: str = "",
    with_retired: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[FrameworkLine], int]:
    """Frameworks that match, standards first, and how many there are in all."""
    asked = {"family": family, "origin": origin, "subject": subject, "stage": stage, "system": system}
    wanted: list[ColumnElement[bool]] = [
        FRAMEWORK[name] == value for name, value in {**asked, "edition": edition}.items() if value
    ]
    if clean(text):
        wanted.append(FRAMEWORK.title.icontains(clean(text), autoescape=True))
    if not with_retired:
        wanted.append(FRAMEWORK.retired.is_(False))
    columns = [FRAMEWORK[name] for name in FrameworkLine.__slots__ if name != "item_count"]
    statement = select(*columns, _item_count()).where(*wanted)
    order = (_family_order(), FRAMEWORK.stage, FRAMEWORK.subject, FRAMEWORK.title, FRAMEWORK.id)
    rows = session.execute(statement.order_by(*order).limit(limit).offset(offset))
    total = session.scalar(select(func.count()).select_from(CFDocument).where(*wanted))
    return [FrameworkLine(*row) for row in rows], total or 0


def _item_count() -> Any:
    inside = select(func.count()).where(ITEM.document_id == FRAMEWORK.id, ITEM.retired.is_(False))
    return inside.correlate(CFDocument).scalar_subquery()


def _family_order() -> ColumnElement[int]:
    order = {family: place for place, family in enumerate(FrameworkFamily)}
    return case(order, value=FRAMEWORK.family, else_=len(order))


# One item and where it stands


def item(session: Session, item_id: UUID) -> CFItem:
    """The item, retired or not; raises ``NotFound``."""
    found = session.get(CFItem, item_id)
    if found is None:
        raise NotFound
    return found


def lines_of(session: Session, item_ids: Collection[UUID]) -> dict[UUID, ItemLine]:
    """The lines of these items, retired ones too: what a resource is aligned to keeps its name."""
    found: dict[UUID, ItemLine] = {}
    for some in chunks(item_ids):
        found.update((line.id, line) for line in item_lines(session, line_query().where(ITEM.id.in_(some))))
    return found


def by_code(session: Session, framework_key: str, code: str) -> CFItem | None:
    """The item with this code (or identifier) in the framework with this id, identifier or title."""
    framework_key, code = clean(framework_key), clean(code)
    keys = [FRAMEWORK.identifier == framework_key, FRAMEWORK.title == framework_key]
    as_id = _as_uuid(framework_key)
    if as_id:
        keys.append(FRAMEWORK.id == as_id)
    statement = (
        select(CFItem)
        .join(CFDocument, FRAMEWORK.id == ITEM.document_id)
        .where(or_(*keys), or_(ITEM.human_coding_scheme == code, ITEM.identifier == code))
        .order_by(ITEM.retired, ITEM.path)
    )
    return session.scalars(statement).first()


def ancestors(session: Session, of: CFItem | ItemLine) -> list[ItemLine]:
    """What stands above an item, from the root down."""
    above = _paths_above(of.path)
    if not above:
        return []
    wanted = line_query().where(ITEM.document_id == of.document_id, ITEM.path.in_(above))
    return item_lines(session, wanted.order_by(ITEM.depth))


def ancestor_ids(session: Session, item_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The ids from the root down to each item, itself last: what an index keeps to find by chapter or book."""
    places: dict[UUID, tuple[UUID, str]] = {}
    for some in chunks(item_ids):
        rows = session.execute(select(ITEM.id, ITEM.document_id, ITEM.path).where(ITEM.id.in_(some)))
        places.update((row[0], (row[1], row[2])) for row in rows)
    paths = {path for _, own in places.values() for path in [*_paths_above(own), own]}
    by_place: dict[tuple[UUID, str], UUID] = {}
    for some_paths in chunks(paths):
        rows = session.execute(select(ITEM.document_id, ITEM.path, ITEM.id).where(ITEM.path.in_(some_paths)))
        by_place.update(((row[0], row[1]), row[2]) for row in rows)
    return {
        item_id: tuple(by_place[document, path] for path in [*_paths_above(own), own])
        for item_id, (document, own) in places.items()
    }


def breadcrumb(session: Session, of: CFItem) -> list[Crumb]:
    """The way to an item: its framework, what stands above it, itself."""
    document = framework(session, of.document_id)
    steps = [Crumb(line.title, document.id, line.id) for line in ancestors(session, of)]
    return [Crumb(document.title, document.id), *steps, Crumb(of.full_statement, document.id, of.id)]


def descendant_ids(session: Session, of: CFItem | ItemLine) -> list[UUID]:
    """The item and everything below it, retired items too: what is aligned to them belongs here as well."""
    return list(session.scalars(select(ITEM.id).where(_below_or_self(of)).order_by(ITEM.path)))


def _below_or_self(of: CFItem | ItemLine) -> ColumnElement[bool]:
    # Every mark in a path ends with "/", and "0" is the character after it.
    inside: ColumnElement[bool] = (ITEM.path >= of.path) & (ITEM.path < of.path[:-1] + "0")
    return and_(ITEM.document_id == of.document_id, inside)


def _paths_above(path: str) -> list[str]:
    marks = path.strip("/").split("/")
    return ["/" + "/".join(marks[:count]) + "/" for count in range(1, len(marks))]


# Walking and searching


def children(
    session: Session, document_id: UUID, parent_id: UUID | None = None, *, counts: Counts | None = None
) -> list[ItemLine]:
    """What stands right below an item, or at the top of a framework, in order; with resource counts if asked."""
    wanted = line_query().where(ITEM.document_id == document_id, ITEM.retired.is_(False))
    wanted = wanted.where(ITEM.depth == 0 if parent_id is None else ITEM.parent_id == parent_id)
    return with_counts(session, item_lines(session, wanted.order_by(ITEM.position, ITEM.id)), counts)


def with_counts(session: Session, lines: Iterable[ItemLine], counts: Counts | None) -> list[ItemLine]:
    listed = list(lines)
    if counts is None or not listed:
        return listed
    found = counts(session, [line.id for line in listed])
    return [replace(line, resources=found.get(line.id, 0)) for line in listed]


def items_page(
    session: Session,
    *,
    document_id: UUID | None = None,
    parent_id: UUID | None = None,
    code: str = "",
    text: str = "",
    limit: int = 100,
    offset: int = 0,
) -> tuple[list[ItemLine], int]:
    """Items for programs: those of a framework, below a parent, or with a code, in tree order; and how many."""
    wanted: list[ColumnElement[bool]] = [ITEM.retired.is_(False)]
    if document_id:
        wanted.append(ITEM.document_id == document_id)
    if parent_id:
        wanted.append(ITEM.parent_id == parent_id)
    if code:
        wanted.append(ITEM.human_coding_scheme == code)
    wanted += [_anywhere().icontains(word, autoescape=True) for word in clean(text).split()]
    order = (ITEM.document_id, ITEM.depth, ITEM.parent_id, ITEM.position, ITEM.id)
    lines = item_lines(session, line_query().where(*wanted).order_by(*order).limit(limit).offset(offset))
    total = session.scalar(select(func.count()).select_from(CFItem).where(*wanted))
    return lines, total or 0


def search_items(
    session: Session,
    text: str,
    *,
    family: FrameworkFamily | None = None,
    subject: str = "",
    stage: str = "",
    grade: int | None = None,
    document_id: UUID | None = None,
    limit: int = 20,
) -> list[ItemLine]:
    """Items for somebody typing an alignment: every word in title, code or trail; exact first, then beginnings."""
    typed = unicodedata.normalize("NFKC", clean(text, MAX_TYPED))
    if not typed:
        return []
    wanted = [_anywhere().icontains(word, autoescape=True) for word in typed.split()]
    asked = {"subject": subject, "stage": stage, "grade": grade, "document_id": document_id}
    wanted += [ITEM[name] == value for name, value in asked.items() if value]
    statement = line_query().join(CFDocument, FRAMEWORK.id == ITEM.document_id)
    statement = statement.where(*wanted, ITEM.retired.is_(False), FRAMEWORK.retired.is_(False))
    if family:
        statement = statement.where(FRAMEWORK.family == family)
    order = (_closeness(typed), func.length(ITEM.full_statement), ITEM.trail, ITEM.position, ITEM.id)
    return item_lines(session, statement.order_by(*order).limit(limit))


def _anywhere() -> Any:
    return ITEM.trail + " " + ITEM.human_coding_scheme + " " + ITEM.full_statement


def _closeness(typed: str) -> ColumnElement[int]:
    names = (ITEM.abbreviated_statement, ITEM.full_statement, ITEM.human_coding_scheme)
    exact = or_(*(func.lower(name) == typed.lower() for name in names))
    words = [word.lower() for word in typed.split()]
    one_word = or_(*(func.lower(name).in_(words) for name in names))
    begins = or_(*(name.istartswith(typed, autoescape=True) for name in names))
    inside = ITEM.full_statement.icontains(typed, autoescape=True)
    return case((exact, 0), (one_word, 1), (begins, 2), (inside, 3), else_=4)


def related(session: Session, item_id: UUID) -> list[Related]:
    """Items an association ties to this one, crosswalks between editions among them."""
    found: list[Related] = []
    for is_forward in (True, False):
        ends = (_LINK.origin_id, _LINK.destination_id)
        here, there = ends if is_forward else reversed(ends)
        statement = select(_LINK.association_type, *_LINE).join(CFAssociation, there == ITEM.id).where(here == item_id)
        rows = session.execute(statement.order_by(_LINK.association_type, _LINK.position, ITEM.id))
        found += [Related(row[0], is_forward, ItemLine(*row[1:])) for row in rows]
    return found


def label_path(of: CFItem | ItemLine) -> str:
    """The way down to an item as a line of text, for indexing and for showing an alignment."""
    title = of.full_statement if isinstance(of, CFItem) else of.title
    return join_trail(of.trail, title)


def label_paths(session: Session, item_ids: Collection[UUID]) -> dict[UUID, str]:
    """``label_path`` of many items in one query."""
    return {item_id: line.label_path for item_id, line in lines_of(session, item_ids).items()}


def as_ids(texts: Iterable[str]) -> list[UUID]:
    """The ids among ``texts``; what is none is left out."""
    return [found for text in texts if (found := _as_uuid(text))]


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
