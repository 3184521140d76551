"""Search in the database itself, for when the engine is away: simpler words, the same filters, facets and pages."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from tongke.accounts.actor import Actor
from tongke.accounts.models import School
from tongke.curriculum.models import CFItem
from tongke.discovery import durations
from tongke.discovery.listing import Listed, by_ids, duration_s_of, rating_of, readable
from tongke.discovery.query import ResourceQuery
from tongke.resources.models import Alignment, LearningResource, Revision
from tongke.search.base import FACETS, Sort

_MAX_WORDS = 8
_MAX_WORD = 60
_COUNTY = 6
_MAX_VALUES = 5_000

_DURATION = case(
    (or_(duration_s_of.is_(None), duration_s_of <= 0), ""),
    *((duration_s_of <= upper, label) for label, upper in durations.STEPS[:-1]),
    else_=durations.LABELS[-1],
)
_PLAIN = ("subject", "stage", "grade", "edition", "volume", "type", "language", "licence")
_VALUE: dict[str, Any] = {name: col(getattr(Revision, name)) for name in _PLAIN} | {
    "region": func.substr(col(Revision.region_code), 1, _COUNTY),
    "school_kind": func.coalesce(School.kind, ""),
    "duration": _DURATION,
}


def page(session: Session, actor: Actor, query: ResourceQuery) -> tuple[list[Listed], int]:
    """One page of the readable resources that match, and how many match in all."""
    conditions = _matching(query)
    total = session.execute(readable(actor, func.count()).where(*conditions)).scalar_one()
    wanted = readable(actor, col(LearningResource.id)).where(*conditions).order_by(*_order(query))
    offset = (query.page - 1) * query.page_size
    if offset >= total:
        return [], total
    ids = session.execute(wanted.limit(query.page_size).offset(offset)).scalars().all()
    rows = by_ids(session, actor, ids)
    return [rows[each] for each in ids], total


def facets(session: Session, actor: Actor, query: ResourceQuery) -> dict[str, dict[str, int]]:
    """Counts for each facet, its own selection left aside."""
    return {name: _counts(session, actor, query, name) for name in FACETS}


def titles(session: Session, actor: Actor, text: str, limit: int) -> list[str]:
    """Titles that hold ``text``, those beginning with it first."""
    title = col(Revision.title)
    begins = case((title.istartswith(text, autoescape=True), 0), else_=1)
    wanted = readable(actor, title, func.min(begins)).where(title.icontains(text, autoescape=True))
    rows = session.execute(wanted.group_by(title).order_by(func.min(begins), title).limit(limit))
    return [row[0] for row in rows]


def _counts(session: Session, actor: Actor, query: ResourceQuery, name: str) -> dict[str, int]:
    value = _VALUE[name]
    inner = readable(actor, value.label("value")).where(*_matching(query, but=name)).subquery()
    count = func.count()
    wanted = select(inner.c.value, count).group_by(inner.c.value).order_by(count.desc(), inner.c.value)
    rows = session.execute(wanted.limit(_MAX_VALUES))
    return {str(found): number for found, number in rows if found not in ("", None)}


def _matching(query: ResourceQuery, *, but: str = "") -> list[ColumnElement[bool]]:
    conditions = [_holds(word) for word in query.text.split()[:_MAX_WORDS]]
    return conditions + [_filter(name, values) for name, values in query.filters.items() if name != but and values]


def _holds(word: str) -> ColumnElement[bool]:
    word = word[:_MAX_WORD]
    fields = [Revision.title, Revision.description, Revision.author_name, Revision.school_name, Revision.unit]
    keywords = cast(col(Revision.keywords), String)  # SQLite keeps JSON with characters escaped, PostgreSQL as they are
    escaped = json.dumps(word)[1:-1]
    return or_(
        *(col(field).icontains(word, autoescape=True) for field in fields),
        keywords.icontains(word, autoescape=True),
        keywords.icontains(escaped, autoescape=True),
    )


def _filter(name: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    if name == "framework_item":
        return col(Revision.id).in_(aligned_below([UUID(value) for value in values]))
    if name == "region":
        return or_(*(col(Revision.region_code).startswith(value, autoescape=True) for value in values))
    if name == "grade":
        return col(Revision.grade).in_([int(value) for value in values])
    condition: ColumnElement[bool] = _VALUE[name].in_(values)
    return condition


def aligned_below(item_ids: list[UUID]) -> Select[UUID]:
    """The revisions aligned to one of these items or to anything below it."""
    root, item = aliased(CFItem), aliased(CFItem)
    return (
        select(col(Alignment.revision_id))
        .join(item, col(item.id) == col(Alignment.framework_item_id))
        .join(root, is_below(item, root))
        .where(col(root.id).in_(item_ids))
    )


def is_below(item: type[CFItem], root: type[CFItem]) -> ColumnElement[bool]:
    """Whether ``item`` is ``root`` or stands below it: every mark in a path ends with "/", and "0" comes after that."""
    path = col(root.path)
    end = func.substr(path, 1, func.length(path) - 1).concat("0")
    return and_(col(item.document_id) == col(root.document_id), col(item.path) >= path, col(item.path) < end)


def _order(query: ResourceQuery) -> list[Any]:
    newest: list[Any] = [col(LearningResource.published_at).desc(), col(LearningResource.id)]
    if query.sort is Sort.RATING:
        return [rating_of.desc(), *newest]
    if query.sort is Sort.RELEVANCE and query.text:
        return [case((col(Revision.title).icontains(query.text, autoescape=True), 0), else_=1), *newest]
    return newest
