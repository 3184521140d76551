"""Finding resources: the engine's speed, the database's word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from tongke.accounts.actor import Actor
from tongke.curriculum.models import CFItem
from tongke.discovery import database_search, listing
from tongke.discovery.listing import Listed
from tongke.discovery.query import ResourceQuery
from tongke.errors import SearchUnavailable
from tongke.i18n import Text, say
from tongke.resources.models import Alignment, LearningResource, Revision, Standing, Visibility
from tongke.resources.queries import in_audience, published_now
from tongke.search import base, outbox
from tongke.search.base import SearchEngine

log = structlog.get_logger()

MAX_EXCLUDED = 1_000
"""With more changes than this on their way to the index, the database answers."""
_ATTEMPTS = 3
_SUGGESTIONS = 8
_MIN_SUGGEST = 1


@dataclass(frozen=True, slots=True)
class Found:
    """One page of an answer. ``highlights``: id → field → text with ``MATCH_START``/``MATCH_END`` around matches."""

    query: ResourceQuery
    rows: list[Listed]
    total: int
    total_is_exact: bool
    facets: dict[str, dict[str, int]]
    highlights: dict[UUID, dict[str, str]] = field(default_factory=dict)
    notice: Text | None = None

    @property
    def pages(self) -> int:
        return -(-self.total // self.query.page_size)


def find(db: Session, search: SearchEngine, actor: Actor, query: ResourceQuery) -> Found:
    """What matches and may be seen: every row read from the database, totals and facets agreeing with it.

    Changes the index does not show yet are left out of it by id; with too many of them, with the engine away, or with
    the index lost and not made anew yet, the database itself is searched and ``notice`` says so.
    """
    pending = outbox.pending_ids(db, MAX_EXCLUDED + 1)
    if len(pending) > MAX_EXCLUDED:
        return _in_database(db, actor, query, say("索引正在更新，暂时使用简单搜索。"))
    try:
        found = _in_engine(db, search, actor, query, pending)
        if found and not found.total and _is_lost(db, search, pending):
            found = None
    except SearchUnavailable as error:
        log.warning("search.unavailable", reason=repr(error.__cause__ or error))
        return _in_database(db, actor, query, say("搜索引擎暂时不可用，正在使用简单搜索。"))
    return found or _in_database(db, actor, query, say("索引正在更新，暂时使用简单搜索。"))


def _in_engine(
    db: Session, search: SearchEngine, actor: Actor, query: ResourceQuery, excluded: frozenset[UUID]
) -> Found | None:
    """The engine's page once every hit on it stands in the database, or None when the two keep disagreeing."""
    for _ in range(_ATTEMPTS):
        hits = search.search(_asked(query, actor, excluded))
        ids = [hit.id for hit in hits.hits]
        rows = listing.by_ids(db, actor, ids)
        if len(rows) == len(ids):
            highlights = {hit.id: hit.highlights for hit in hits.hits if hit.highlights}
            in_order = [rows[each] for each in ids]
            return Found(query, in_order, hits.total, hits.total_is_exact, hits.facets, highlights)
        excluded |= {each for each in ids if each not in rows}
        log.warning("search.hits_not_in_database", hits=len(ids) - len(rows))
    return None


def _is_lost(db: Session, search: SearchEngine, pending: frozenset[UUID]) -> bool:
    """Whether nothing at all is in the index though something should be: asked only when nothing was found."""
    if search.search(base.Query(page_size=1, facets=())).total:
        return False
    indexed = select(col(LearningResource.id)).join(Revision, published_now())
    public = (col(LearningResource.standing) == Standing.ACTIVE, col(Revision.visibility) == Visibility.PUBLIC)
    arrived = col(LearningResource.id).not_in(pending)
    return db.scalars(indexed.where(*public, arrived).limit(1)).first() is not None


def _asked(query: ResourceQuery, actor: Actor, excluded: frozenset[UUID]) -> base.Query:
    return base.Query(
        text=query.text,
        filters=query.filters,
        audiences=actor.audiences,
        excluded=excluded,
        sort=query.sort,
        page=query.page,
        page_size=query.page_size,
    )


def _in_database(db: Session, actor: Actor, query: ResourceQuery, notice: Text) -> Found:
    rows, total = database_search.page(db, actor, query)
    return Found(query, rows, total, True, database_search.facets(db, actor, query), notice=notice)


def suggest(db: Session, search: SearchEngine, actor: Actor, text: str, *, limit: int = _SUGGESTIONS) -> list[str]:
    """Titles that complete ``text``, of what the actor may see now."""
    typed = ResourceQuery.of([("q", text)]).text
    if len(typed) < _MIN_SUGGEST:
        return []
    pending = outbox.pending_ids(db, MAX_EXCLUDED + 1)
    if len(pending) <= MAX_EXCLUDED:
        try:
            if (titles := search.suggest(typed, actor.audiences, pending, limit)) or not _is_lost(db, search, pending):
                return titles
        except SearchUnavailable as error:
            log.warning("search.unavailable", reason=repr(error.__cause__ or error))
    return database_search.titles(db, actor, typed, limit)


def counts_by_framework_item(db: Session, actor: Actor, item_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many resources the actor may see stand at or below each item; items without any are left out. One query."""
    if not item_ids:
        return {}
    root, item = aliased(CFItem), aliased(CFItem)
    wanted = (
        select(col(root.id), func.count(col(LearningResource.id).distinct()))
        .join(item, database_search.is_below(item, root))
        .join(Alignment, col(Alignment.framework_item_id) == col(item.id))
        .join(Revision, col(Revision.id) == col(Alignment.revision_id))
        .join(LearningResource, published_now())
        .where(col(root.id).in_(item_ids), in_audience(actor))
        .group_by(col(root.id))
    )
    return {row[0]: row[1] for row in db.execute(wanted)}
