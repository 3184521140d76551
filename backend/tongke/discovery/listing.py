"""The rows of a list of resources: read by columns, only what this actor may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Float, Select, bindparam, cast, func, select
from sqlmodel import Session, col

from tongke.accounts.actor import Actor
from tongke.accounts.models import School
from tongke.media.models import Asset, Rendition, RenditionKind, RenditionState
from tongke.resources.models import FileRole, LearningResource, Revision, RevisionFile
from tongke.resources.queries import in_audience, published_now


@dataclass(frozen=True, slots=True)
class Listed:
    """A resource as lists show it."""

    id: UUID
    external_id: str | None
    title: str
    description: str
    type: str
    subject: str
    stage: str
    grade: int | None
    volume: str
    edition: str
    unit: str
    language: str
    licence: str
    author_name: str
    school_name: str
    region_code: str
    visibility: str
    ai_generated: bool
    published_at: datetime
    rating: float
    rating_count: int
    use_count: int
    school_kind: str
    locality: str
    duration_s: float | None
    size_bytes: int
    poster_key: str | None


rating_of = func.coalesce(
    cast(col(LearningResource.rating_sum), Float) / func.nullif(col(LearningResource.rating_count), 0), 0.0
)
"""The mean of the stars; 0 without any."""


def _of_its_files() -> Select[Any]:
    return (
        select()
        .select_from(RevisionFile)
        .join(Asset, col(Asset.id) == col(RevisionFile.asset_id))
        .where(col(RevisionFile.revision_id) == col(Revision.id), col(RevisionFile.role) == FileRole.MAIN)
        .correlate(Revision)
    )


duration_s_of = func.coalesce(
    col(Revision.time_required_s), _of_its_files().add_columns(func.sum(col(Asset.duration_s))).scalar_subquery()
)
"""What the author says it takes, else what its recordings last."""

_FILES = (
    select(
        col(RevisionFile.revision_id),
        col(RevisionFile.position),
        col(Asset.size_bytes),
        col(Asset.duration_s),
        col(Rendition.entry),
    )
    .select_from(RevisionFile)
    .join(Asset, col(Asset.id) == col(RevisionFile.asset_id))
    .join(
        Rendition,
        (col(Rendition.sha256) == col(Asset.sha256))
        & col(Rendition.kind).in_((RenditionKind.POSTER, RenditionKind.THUMBNAIL))
        & (col(Rendition.state) == RenditionState.READY),
        isouter=True,
    )
    .where(
        col(RevisionFile.revision_id).in_(bindparam("revisions", expanding=True)),
        col(RevisionFile.role) == FileRole.MAIN,
    )
    .order_by(col(RevisionFile.position))
)

_COLUMNS: tuple[Any, ...] = (
    LearningResource.id,
    LearningResource.external_id,
    Revision.title,
    Revision.description,
    Revision.type,
    Revision.subject,
    Revision.stage,
    Revision.grade,
    Revision.volume,
    Revision.edition,
    Revision.unit,
    Revision.language,
    Revision.licence,
    Revision.author_name,
    func.coalesce(func.nullif(col(Revision.school_name), ""), School.name, ""),
    Revision.region_code,
    Revision.visibility,
    Revision.ai_generated,
    LearningResource.published_at,
    rating_of,
    LearningResource.rating_count,
    LearningResource.use_count,
    func.coalesce(School.kind, ""),
    func.coalesce(School.locality, ""),
    col(Revision.time_required_s),
    col(Revision.id),
)


def readable(actor: Actor, *columns: Any) -> Select[Any]:
    """``columns`` of the published resources in whose audience the actor is."""
    return (
        select(*columns)
        .select_from(LearningResource)
        .join(Revision, published_now())
        .join(School, col(School.id) == col(LearningResource.school_id), isouter=True)
        .where(in_audience(actor))
    )


def listed(session: Session, statement: Select[Any], parameters: dict[str, Any] | None = None) -> list[Listed]:
    """The rows of a statement made by ``readable_lines`` and narrowed further, in two queries.

    Their files are read apart, all at once: three subqueries a row cost twice as much.
    """
    session.flush()
    connection = session.connection()  # columns need nothing of what a session does for objects
    rows = connection.execute(statement, parameters).all()
    revision_ids = [row[-1] for row in rows]
    files = _files_of(connection, revision_ids)
    return [_listed(row[:-2], row[-2], files.get(row[-1], {})) for row in rows]


def _files_of(connection: Connection, revision_ids: Collection[UUID]) -> dict[UUID, dict[int, Any]]:
    """The main files of each revision in order, each once, with its cover if it has one."""
    found: dict[UUID, dict[int, Any]] = {}
    if revision_ids:
        for row in connection.execute(_FILES, {"revisions": list(revision_ids)}):
            files = found.setdefault(row.revision_id, {})
            if row.position not in files or row.entry:
                files[row.position] = row
    return found


def _listed(columns: Sequence[Any], said_s: float | None, files: dict[int, Any]) -> Listed:
    lengths = [f.duration_s for f in files.values() if f.duration_s is not None]
    duration_s = said_s if said_s is not None else sum(lengths) if lengths else None
    cover = next((f.entry for f in files.values() if f.entry), None)
    size_bytes = sum(f.size_bytes for f in files.values())
    return Listed(*(*columns, duration_s, size_bytes, cover))


def readable_lines(actor: Actor) -> Select[Any]:
    return readable(actor, *_COLUMNS)


def by_ids(session: Session, actor: Actor, ids: Collection[UUID]) -> dict[UUID, Listed]:
    """Those of ``ids`` that the actor may read now, in two queries."""
    if not ids:
        return {}
    return {row.id: row for row in listed(session, _named(actor), {"ids": list(ids)})}


@lru_cache(maxsize=256)
def _named(actor: Actor) -> Select[Any]:
    """The lines of the resources ``:ids``; kept, since putting the statement together takes longer than its answer."""
    return readable_lines(actor).where(col(LearningResource.id).in_(bindparam("ids", expanding=True)))
