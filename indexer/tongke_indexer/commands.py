"""What ``tongke index status|verify|rebuild`` do: each prints through ``write`` and returns the exit status."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlmodel import col

from tongke.db import reading
from tongke.errors import SearchUnavailable
from tongke.jobs.service import database_time
from tongke.search.base import Query, SearchEngine
from tongke.search.models import IndexLease, ReindexRequest
from tongke_indexer import rebuild as rebuilding
from tongke_indexer.lease import NAME
from tongke_indexer.rebuild import Progress, nobody_watches

Write = Callable[[str], None]
_SHOWN = 20


def status(engine: Engine, search: SearchEngine, *, as_json: bool = False, write: Write = print) -> int:
    """Say whether the engine answers, what is on its way and who writes; 1 when the engine does not answer."""
    with reading(engine) as session:
        now = database_time(session)
        count, oldest = session.execute(select(func.count(), func.min(col(ReindexRequest.created_at)))).one()
        lease = session.get(IndexLease, NAME)
    is_answering, public = _public_documents(search)
    facts = {
        "answers": is_answering,
        "public_documents": public,
        "pending": count,
        "oldest_pending_s": round(max(0.0, (now - _aware(oldest, now)).total_seconds()), 1) if oldest else None,
        "being_written": lease is not None and lease.until >= now,
    }
    _tell(facts, as_json, write)
    return 0 if is_answering else 1


def verify(engine: Engine, search: SearchEngine, *, as_json: bool = False, write: Write = print) -> int:
    """Compare index and database; 1 when they differ or the index cannot be read."""
    try:
        found = rebuilding.verify(engine, search)
    except SearchUnavailable as error:
        _tell({"agrees": False, "error": str(error.message)}, as_json, write)
        return 1
    facts = {
        "agrees": found.agrees,
        "in_database": found.in_database,
        "in_index": found.in_index,
        "pending": found.pending,
        "missing": [str(each) for each in found.missing[:_SHOWN]],
        "missing_count": len(found.missing),
        "surplus": [str(each) for each in found.surplus[:_SHOWN]],
        "surplus_count": len(found.surplus),
    }
    _tell(facts, as_json, write)
    return 0 if found.agrees else 1


def rebuild(
    engine: Engine,
    search: SearchEngine,
    *,
    progress: Progress = nobody_watches,
    as_json: bool = False,
    write: Write = print,
) -> int:
    """Make the index anew; ``progress(done, total)`` is called as it fills. Errors are raised."""
    _tell({"documents": rebuilding.rebuild(engine, search, progress=progress)}, as_json, write)
    return 0


def _public_documents(search: SearchEngine) -> tuple[bool, int | None]:
    try:
        return True, search.search(Query(page_size=1, facets=())).total
    except SearchUnavailable:
        return False, None


def _aware(moment: datetime, like: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=like.tzinfo)


def _tell(facts: dict[str, Any], as_json: bool, write: Write) -> None:
    if as_json:
        write(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        write(f"{name}: {value}")
