"""Making the index anew from the database, and comparing the two. The live index answers until the new one is whole."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine, Select, func, select
from sqlmodel import Session, col

from tongke.db import reading, transaction
from tongke.errors import Conflict
from tongke.i18n import say
from tongke.resources.models import LearningResource, Revision, Standing, Visibility
from tongke.resources.queries import published_now
from tongke.search.base import Query, SearchEngine
from tongke.search.models import ReindexRequest
from tongke_indexer import documents, lease, sync
from tongke_indexer.lease import Lease

BATCH = 1_000
WAIT_S = 30.0
_FIRST = UUID(int=0)
Progress = Callable[[int, int], None]


class IndexBusy(Conflict):
    """Another process writes to the index and does not end."""

    code = "index-busy"

    def __init__(self) -> None:
        super().__init__(say("另一个程序正在更新搜索索引，请稍后再试。"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where index and database differ, what is still on its way left aside."""

    in_database: int
    in_index: int
    pending: int
    missing: tuple[UUID, ...]
    surplus: tuple[UUID, ...]

    @property
    def agrees(self) -> bool:
        return not self.missing and not self.surplus


def nobody_watches(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


def rebuild(
    engine: Engine, search: SearchEngine, *, progress: Progress = nobody_watches, wait_s: float = WAIT_S
) -> int:
    """Fill a fresh index, swap it in, bring it up to date; how many documents it was filled with.

    Requests wait meanwhile. An error drops the half-built index and leaves the live one as it was. Raises
    ``IndexBusy`` when another process keeps the index for longer than ``wait_s``.
    """
    deadline = time.monotonic() + wait_s
    while True:
        with lease.held(engine) as held:
            if held is not None:
                filled = _swap(engine, search, held, progress)
                break
        if time.monotonic() > deadline:
            raise IndexBusy
        time.sleep(0.2)
    sync.drain(engine, search)
    return filled


def _swap(engine: Engine, search: SearchEngine, held: Lease, progress: Progress) -> int:
    fresh = search.begin_rebuild()
    keep = False
    try:
        filled = _fill(engine, fresh, held, progress)
        keep = True
    finally:
        search.finish_rebuild(fresh, keep=keep)
    return filled


def _fill(engine: Engine, fresh: SearchEngine, held: Lease, progress: Progress) -> int:
    with reading(engine) as session:
        total = session.scalar(select(func.count()).select_from(_indexable().subquery())) or 0
    progress(0, total)
    filled = 0
    for ids in _in_batches(engine):
        with reading(engine) as session:
            ready = documents.build(session, ids)
        fresh.upsert(ready)
        with transaction(engine) as session:
            held.confirm(session)
        filled += len(ready)
        progress(filled, max(total, filled))
    return filled


def _in_batches(engine: Engine) -> Iterator[list[UUID]]:
    last = _FIRST
    while True:
        with reading(engine) as session:
            after = _indexable().where(col(LearningResource.id) > last).order_by(col(LearningResource.id))
            ids = list(session.scalars(after.limit(BATCH)))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _indexable() -> Select[UUID]:
    wanted = select(col(LearningResource.id)).join(Revision, published_now())
    return wanted.where(col(LearningResource.standing) == Standing.ACTIVE)


def verify(engine: Engine, search: SearchEngine) -> Comparison:
    """Compare every id; ``SearchUnavailable`` when the index cannot be read."""
    found = search.ids()
    with reading(engine) as session:
        expected = set(session.scalars(_indexable()))
        pending = set(session.scalars(select(col(ReindexRequest.resource_id)).distinct()))
    missing, surplus = expected - found - pending, found - expected - pending
    return Comparison(len(expected), len(found), len(pending), _sorted(missing), _sorted(surplus))


def _sorted(ids: set[UUID]) -> tuple[UUID, ...]:
    return tuple(sorted(ids))


def is_empty_by_mistake(session: Session, search: SearchEngine) -> bool:
    """Whether the index holds nothing though the database has something for it: lost, or never made."""
    if search.search(Query(page_size=1, facets=())).total:  # asked first: it raises when the index is damaged or gone
        return False
    public = _indexable().where(col(Revision.visibility) == Visibility.PUBLIC)
    return session.scalars(public.limit(1)).first() is not None
