"""The rows of a list of resources: read by columns, only what this actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Float, Select, Uuid, bindparam, cast, func, or_, select
from sqlmodel import Session, col

from tongke.accounts.actor import Actor
from tongke.accounts.models import School
from tongke.media.models import Asset, Rendition, RenditionKind, RenditionState
from tongke.resources.models import FileRole, LearningResource, Revision, RevisionFile
from tongke.resources.queries import in_audience, published_now

_SLOTS = 20
"""Ids in a statement are a multiple of this, so that few statements serve all lists."""


class Listed(NamedTuple):
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
)
_OF_FILES: tuple[Any, ...] = (RevisionFile.position, Asset.size_bytes, Asset.duration_s, Rendition.entry)


def readable(actor: Actor, *columns: Any) -> Select[Any]:
    """``columns`` of the published resources in whose audience the actor is."""
    return (
        select(*columns)
        .select_from(LearningResource)
        .join(Revision, published_now())
        .join(School, col(School.id) == col(LearningResource.school_id), isouter=True)
        .where(in_audience(actor))
    )


def by_ids(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Listed]:
    """Those of ``ids`` that the actor may read now, with what their files say, in one query."""
    if not ids:
        return {}
    session.flush()
    size = -(-len(ids) // _SLOTS) * _SLOTS
    asked = {f"id{n}": ids[min(n, len(ids) - 1)] for n in range(size)}
    # On the connection: columns need nothing of what a session does for objects.
    rows: dict[UUID, list[Any]] = {}
    for row in session.connection().execute(_named(actor, size), asked).all():
        rows.setdefault(row[0], []).append(row)
    return {each: _listed(found) for each, found in rows.items()}


def _listed(rows: list[Any]) -> Listed:
    """A resource of its rows: one for each main file and cover, in any order."""
    *columns, said_s, _, size_bytes, duration_s, cover = rows[0]
    if len(rows) == 1:
        return Listed._make((*columns, duration_s if said_s is None else said_s, size_bytes or 0, cover))
    files: dict[int, Any] = {}
    for row in sorted(rows, key=lambda row: row[-4]):
        if row[-4] not in files or row[-1]:
            files[row[-4]] = row
    lengths = [f[-2] for f in files.values() if f[-2] is not None]
    duration_s = said_s if said_s is not None else sum(lengths) if lengths else None
    cover = next((f[-1] for f in files.values() if f[-1]), None)
    return Listed._make((*columns, duration_s, sum(f[-3] for f in files.values()), cover))


@lru_cache(maxsize=256)
def _named(actor: Actor, size: int) -> Select[Any]:
    """The rows of the resources ``:id0 … :id{size-1}``.

    Kept, and with a place for each id: putting it together, or opening it for a list, takes longer than its answer.
    """
    of_cover = (RenditionKind.POSTER, RenditionKind.THUMBNAIL)
    return (
        readable(actor, *_COLUMNS, *_OF_FILES)
        .outerjoin(
            RevisionFile,
            (col(RevisionFile.revision_id) == col(Revision.id)) & (col(RevisionFile.role) == FileRole.MAIN),
        )
        .outerjoin(Asset, col(Asset.id) == col(RevisionFile.asset_id))
        .outerjoin(
            Rendition,
            (col(Rendition.sha256) == col(Asset.sha256))
            & or_(*(col(Rendition.kind) == kind for kind in of_cover))
            & (col(Rendition.state) == RenditionState.READY),
        )
        .where(col(LearningResource.id).in_([bindparam(f"id{n}", type_=Uuid()) for n in range(size)]))
    )
