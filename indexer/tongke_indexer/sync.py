"""Bringing the index up to the database: reindex requests are only reasons to look, the present rows decide."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine, delete, exists, select
from sqlmodel import Session, col

from tongke.db import reading, transaction
from tongke.search import outbox
from tongke.search.base import SearchEngine
from tongke.search.models import ReindexRequest
from tongke_indexer import documents, lease
from tongke_indexer.lease import Lease, LeaseLost

BATCH = 1_000


def drain(engine: Engine, search: SearchEngine) -> int:
    """Bring everything requested to the index; how many resources were looked at.

    0 at once when another process is at it. Requests are deleted only after the engine said that it is done, and
    exactly those that were read: doing it twice, late, or after ten edits gives the same index.
    """
    if not has_requests(engine):
        return 0
    with lease.held(engine) as held:
        if held is None:
            return 0
        done = 0
        while count := _drain_once(engine, search, held):
            done += count
        return done


def has_requests(engine: Engine) -> bool:
    with reading(engine) as session:
        return bool(session.scalar(select(exists(select(col(ReindexRequest.id))))))


def _drain_once(engine: Engine, search: SearchEngine, held: Lease) -> int:
    with reading(engine) as session:
        rows = session.execute(
            select(col(ReindexRequest.id), col(ReindexRequest.resource_id))
            .order_by(col(ReindexRequest.id))
            .limit(BATCH)
        ).all()
        wanted = list(dict.fromkeys(row[1] for row in rows))
        present = documents.build(session, wanted)
    if not rows:
        return 0
    shown = {document.id for document in present}
    gone = [resource_id for resource_id in wanted if resource_id not in shown]
    if present:
        search.upsert(present)
    if gone:
        search.remove(gone)
    _close(engine, held, [row[0] for row in rows], wanted)
    return len(wanted)


def _close(engine: Engine, held: Lease, request_ids: list[int | None], wanted: list[UUID]) -> None:
    try:
        with transaction(engine) as session:
            held.confirm(session)
            session.execute(delete(ReindexRequest).where(col(ReindexRequest.id).in_(request_ids)))
    except LeaseLost:
        # We were away for long, and may just have put an older state over what our successor wrote: look again.
        with transaction(engine) as session:
            _ask_again(session, wanted)
        raise


def _ask_again(session: Session, wanted: list[UUID]) -> None:
    outbox.request_reindex(session, *wanted)
