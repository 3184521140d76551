"""A resource with everything its page shows, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, or_, select

from tongke.accounts.actor import Actor
from tongke.accounts.models import School, User
from tongke.curriculum.models import CFDocument, CFItem
from tongke.media.models import Asset, Rendition
from tongke.media.queries import renditions_of
from tongke.resources import queries
from tongke.resources.models import (
    Alignment,
    Favourite,
    FileRole,
    LearningResource,
    Rating,
    Revision,
    RevisionFile,
)

NEWEST_RATINGS = 20


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a revision with what was made from it, by kind."""

    file: RevisionFile
    asset: Asset
    renditions: dict[str, Rendition]

    @property
    def is_main(self) -> bool:
        return self.file.role == FileRole.MAIN

    @property
    def name(self) -> str:
        return self.file.title or self.asset.filename


@dataclass(frozen=True, slots=True)
class AlignmentView:
    alignment: Alignment
    item: CFItem
    framework: CFDocument


@dataclass(frozen=True, slots=True)
class RatingView:
    rating: Rating
    rater: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What a resource is based on, as far as the actor may see it."""

    id: UUID
    title: str
    author_name: str


@dataclass(frozen=True, slots=True)
class ResourceView:
    """What the page of a resource shows to one actor."""

    seen: queries.Seen
    files: tuple[FileView, ...]
    alignments: tuple[AlignmentView, ...]
    owner_name: str
    school: School | None
    origin: Origin | None
    ratings: tuple[RatingView, ...]
    own_rating: Rating | None
    is_favourite: bool

    @property
    def resource(self) -> LearningResource:
        return self.seen.resource

    @property
    def revision(self) -> Revision:
        return self.seen.shown

    @property
    def state(self) -> str:
        return self.seen.state

    @property
    def rating(self) -> float | None:
        count = self.resource.rating_count
        return round(self.resource.rating_sum / count, 1) if count else None


def detail(session: Session, actor: Actor, resource_id: UUID, *, pending: bool = False) -> ResourceView:
    """Everything about a resource the actor may see, in eight queries; raises ``NotFound``.

    ``pending`` shows the newer revision in place of the published one, to those who may read it.
    """
    seen = queries.seen(session, actor, resource_id)
    if pending and seen.pending is not None:
        seen = queries.Seen(seen.resource, seen.published, seen.pending, seen.pending)
    return complete(session, actor, seen)


def complete(session: Session, actor: Actor, seen: queries.Seen) -> ResourceView:
    """The rest of what the page shows, in seven queries."""
    resource = seen.resource
    owner_name, school = _owner(session, resource)
    ratings = _ratings(session, actor, resource)
    return ResourceView(
        seen,
        files(session, seen.shown),
        alignments(session, seen.shown),
        owner_name,
        school,
        _origin(session, actor, resource),
        tuple(ratings[:NEWEST_RATINGS]),
        next((r.rating for r in ratings if r.rating.user_id == actor.user_id), None),
        _is_favourite(session, actor, resource),
    )


def files(session: Session, revision: Revision) -> tuple[FileView, ...]:
    """The files of a revision in order, with their renditions, in two queries."""
    rows = session.exec(
        select(RevisionFile, Asset)
        .join(Asset, col(Asset.id) == col(RevisionFile.asset_id))
        .where(RevisionFile.revision_id == revision.id)
        .order_by(col(RevisionFile.position))
    ).all()
    made = renditions_of(session, [asset.sha256 for _, asset in rows])
    return tuple(FileView(file, asset, made.get(asset.sha256, {})) for file, asset in rows)


def alignments(session: Session, revision: Revision) -> tuple[AlignmentView, ...]:
    rows = session.exec(
        select(Alignment, CFItem, CFDocument)
        .join(CFItem, col(CFItem.id) == col(Alignment.framework_item_id))
        .join(CFDocument, col(CFDocument.id) == col(CFItem.document_id))
        .where(Alignment.revision_id == revision.id)
        .order_by(col(CFDocument.title), col(CFItem.path), col(CFItem.position))
    )
    return tuple(AlignmentView(*row) for row in rows)


def _owner(session: Session, resource: LearningResource) -> tuple[str, School | None]:
    row = session.exec(
        select(User.name, School)
        .join(School, col(School.id) == resource.school_id, isouter=True)
        .where(User.id == resource.owner_id)
    ).one()
    return row[0], row[1]


def _origin(session: Session, actor: Actor, resource: LearningResource) -> Origin | None:
    row = session.exec(
        select(LearningResource.id, Revision.title, Revision.author_name)
        .join(Revision, queries.published_now())
        .where(LearningResource.id == resource.is_based_on_id, queries.in_audience(actor))
    ).first()
    return Origin(*row) if row else None


def _ratings(session: Session, actor: Actor, resource: LearningResource) -> list[RatingView]:
    newest = (
        select(Rating.id)
        .where(Rating.resource_id == resource.id)
        .order_by(col(Rating.created_at).desc())
        .limit(NEWEST_RATINGS)
    )
    rows = session.exec(
        select(Rating, User.name)
        .join(User, col(User.id) == col(Rating.user_id))
        .where(Rating.resource_id == resource.id)
        .where(or_(col(Rating.id).in_(newest), col(Rating.user_id) == actor.user_id))
        .order_by(col(Rating.created_at).desc())
    )
    return [RatingView(*row) for row in rows]


def _is_favourite(session: Session, actor: Actor, resource: LearningResource) -> bool:
    wanted = select(Favourite.user_id).where(Favourite.user_id == actor.user_id, Favourite.resource_id == resource.id)
    return session.exec(wanted).first() is not None
