"""What the index should say about a resource now: built from the present rows, many at once in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from tongke.accounts.models import School
from tongke.curriculum import queries as curriculum
from tongke.discovery import durations
from tongke.discovery.listing import duration_s_of, rating_of
from tongke.media.models import Asset, Rendition, RenditionKind, RenditionState
from tongke.resources.models import Alignment, LearningResource, Revision, RevisionFile, Standing
from tongke.resources.policy import audience_of
from tongke.resources.queries import published_now
from tongke.search.base import Document

_MAX_TEXT = 40_000


def build(session: Session, resource_ids: Collection[UUID]) -> list[Document]:
    """The documents of those resources that readers can see; the others should not be in the index."""
    rows = session.execute(
        select(LearningResource, Revision, col(School.name), col(School.kind), rating_of, duration_s_of)
        .join(Revision, published_now())
        .join(School, col(School.id) == col(LearningResource.school_id), isouter=True)
        .where(col(LearningResource.id).in_(resource_ids), col(LearningResource.standing) == Standing.ACTIVE)
        .order_by(col(LearningResource.published_at), col(LearningResource.id))  # equals rank as they were indexed
    ).all()
    revision_ids = [row[1].id for row in rows]
    places = _places(session, revision_ids)
    texts = _texts(session, revision_ids)
    return [_document(row, *places.get(row[1].id, ((), "")), texts.get(row[1].id, "")) for row in rows]


def _document(row: Any, framework_items: tuple[str, ...], curriculum_words: str, text: str) -> Document:
    resource, revision, school_name, school_kind, rating, duration_s = row
    return Document(
        id=resource.id,
        title=revision.title,
        description=revision.description,
        keywords=tuple(revision.keywords),
        author=revision.author_name,
        school=revision.school_name or school_name or "",
        unit=revision.unit,
        curriculum=curriculum_words,
        text=text,
        subject=revision.subject,
        stage=revision.stage,
        grade=revision.grade,
        edition=revision.edition,
        volume=revision.volume,
        type=revision.type,
        language=revision.language,
        licence=revision.licence,
        regions=prefixes(revision.region_code),
        school_kind=school_kind or "",
        duration=durations.label_of(duration_s),
        framework_items=framework_items,
        audiences=tuple(sorted(audience_of(resource, revision))),
        published_at=resource.published_at.timestamp() if resource.published_at else 0.0,
        rating=float(rating),
    )


def prefixes(code: str) -> tuple[str, ...]:
    """A region code and everything it begins with, so that any prefix finds it."""
    return tuple(code[:length] for length in range(1, len(code) + 1))


def _places(session: Session, revision_ids: list[UUID]) -> dict[UUID, tuple[tuple[str, ...], str]]:
    """For each revision: the items it is aligned to with all above them, and their names."""
    found = session.execute(
        select(col(Alignment.revision_id), col(Alignment.framework_item_id)).where(
            col(Alignment.revision_id).in_(revision_ids)
        )
    ).all()
    item_ids = {item_id for _, item_id in found}
    above = curriculum.ancestor_ids(session, item_ids)
    labels = curriculum.label_paths(session, item_ids)
    items: dict[UUID, dict[str, None]] = defaultdict(dict)
    words: dict[UUID, dict[str, None]] = defaultdict(dict)
    for revision_id, item_id in found:
        items[revision_id] |= {str(each): None for each in above[item_id]}
        words[revision_id][labels[item_id]] = None
    return {revision_id: (tuple(items[revision_id]), "\n".join(words[revision_id])) for revision_id in items}


def _texts(session: Session, revision_ids: list[UUID]) -> dict[UUID, str]:
    """The words inside each revision's files, as far as they were extracted."""
    rows = session.execute(
        select(col(RevisionFile.revision_id), col(Rendition.details))
        .join(Asset, col(Asset.id) == col(RevisionFile.asset_id))
        .join(Rendition, col(Rendition.sha256) == col(Asset.sha256))
        .where(
            col(RevisionFile.revision_id).in_(revision_ids),
            col(Rendition.kind) == RenditionKind.TEXT,
            col(Rendition.state) == RenditionState.READY,
        )
        .order_by(col(RevisionFile.position))
    )
    texts: dict[UUID, list[str]] = defaultdict(list)
    for revision_id, details in rows:
        texts[revision_id].append(str(details.get("text", "")))
    return {revision_id: "\n".join(parts)[:_MAX_TEXT] for revision_id, parts in texts.items()}
