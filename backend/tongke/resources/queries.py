"""Reads about single resources. Those that take an actor raise ``NotFound`` for what the actor may not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Row
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from tongke.accounts.actor import Actor
from tongke.accounts.models import User
from tongke.errors import NotFound
from tongke.resources import policy
from tongke.resources.models import LearningResource, Revision, Standing
from tongke.resources.short_codes import as_typed


@dataclass(frozen=True, slots=True)
class Seen:
    """A resource as one actor may see it: ``shown`` is the published revision, or the latest for those at work on it.

    ``pending`` is a newer revision than the published one, for those who may read it.
    """

    resource: LearningResource
    published: Revision | None
    shown: Revision
    pending: Revision | None

    @property
    def state(self) -> str:
        return state_of(self.resource, self.shown if self.published is None else self.published)


def state_of(resource: LearningResource, revision: Revision) -> str:
    """The one state programs read.

    The standing unless it is active; else ``published`` when something is published, whatever newer revision waits;
    else the state of the latest revision.
    """
    if resource.standing != Standing.ACTIVE:
        return str(resource.standing)
    return "published" if resource.published_revision_id is not None else str(revision.state)


def seen(session: Session, actor: Actor, resource_id: UUID) -> Seen:
    """Return what the actor may see of the resource, in one query; raises ``NotFound``."""
    published, latest = aliased(Revision), aliased(Revision)
    row = session.exec(
        select(LearningResource, published, latest)
        .join(latest, col(latest.resource_id) == col(LearningResource.id))
        .join(published, col(published.id) == col(LearningResource.published_revision_id), isouter=True)
        .where(LearningResource.id == resource_id)
        .order_by(col(latest.number).desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound
    return as_seen(actor, *row)


def as_seen(actor: Actor, resource: LearningResource, published: Revision | None, latest: Revision) -> Seen:
    """Narrow the rows to what the actor may see; raises ``NotFound`` when that is nothing."""
    if not policy.may_see(actor, resource, published, latest):
        raise NotFound
    waits = published is None or latest.id != published.id
    works_on_it = waits and policy.may_see_pending(actor, resource, latest)
    pending = latest if works_on_it and published is not None else None
    if published is None or (works_on_it and not _reads(actor, resource, published, latest)):
        return Seen(resource, published, latest, pending)
    return Seen(resource, published, published, pending)


def _reads(actor: Actor, resource: LearningResource, published: Revision, latest: Revision) -> bool:
    is_at_home = policy.is_owner(actor, resource) or policy.may_take_down(actor, resource, latest)
    return is_at_home or policy.reads_published(actor, resource, published)


def visible(session: Session, actor: Actor, resource_id: UUID) -> LearningResource:
    """Return the resource if the actor may see it; raises ``NotFound``."""
    return seen(session, actor, resource_id).resource


def by_short_code(session: Session, actor: Actor, typed: str) -> LearningResource:
    """Return the resource a printed code names, however it was typed; raises ``NotFound``."""
    resource_id = session.exec(
        select(LearningResource.id).where(LearningResource.short_code == as_typed(typed))
    ).first()
    if resource_id is None:
        raise NotFound
    return visible(session, actor, resource_id)


def latest_revision(session: Session, resource_id: UUID) -> Revision:
    """The newest revision, whatever its state; for services."""
    wanted = select(Revision).where(Revision.resource_id == resource_id).order_by(col(Revision.number).desc())
    revision = session.exec(wanted.limit(1)).first()
    if revision is None:
        raise NotFound
    return revision


def published_revision(session: Session, resource: LearningResource) -> Revision | None:
    """The revision readers see now; for services."""
    if resource.published_revision_id is None:
        return None
    return session.get(Revision, resource.published_revision_id)


def revisions(session: Session, actor: Actor, of: Seen) -> Sequence[Row[tuple[Revision, str]]]:
    """The revisions the actor may read with their authors' names, newest first."""
    rows = session.execute(
        select(Revision, User.name)
        .join(User, col(User.id) == col(Revision.author_id))
        .where(Revision.resource_id == of.resource.id)
        .order_by(col(Revision.number).desc())
    ).all()
    published_id = of.published.id if of.published else None
    return [r for r in rows if r[0].id == published_id or _may_read(actor, of, r[0])]


def _may_read(actor: Actor, of: Seen, revision: Revision) -> bool:
    return policy.may_see_pending(actor, of.resource, revision) or (
        revision.state in ("published", "superseded") and policy.may_see_history(actor, of.resource, revision)
    )


def revision(session: Session, actor: Actor, of: Seen, number: int) -> Revision:
    """Return one revision the actor may read; raises ``NotFound``."""
    wanted = select(Revision).where(Revision.resource_id == of.resource.id, Revision.number == number)
    found = session.exec(wanted).first()
    if found is None:
        raise NotFound
    is_published = of.published is not None and found.id == of.published.id
    if not is_published and not _may_read(actor, of, found):
        raise NotFound
    return found


def in_audience(actor: Actor, revision_: type[Revision] = Revision) -> ColumnElement[bool]:
    """``policy.reads_published`` as a condition on ``LearningResource`` joined to its published revision."""
    visibility, region = col(revision_.visibility), col(revision_.region_code)
    reads = visibility == "public"
    limited = visibility.in_(("region", "school"))
    if actor.user_id is not None:
        reads |= col(LearningResource.owner_id) == actor.user_id
    counties = [m.removeprefix("region:") for m in actor.audiences if m.startswith("region:")]
    if counties:
        reads |= (visibility == "region") & func.substr(region, 1, 6).in_(counties)
    if actor.school_ids:
        reads |= (visibility == "school") & col(LearningResource.school_id).in_(actor.school_ids)
    if "platform" in actor.audiences:
        reads |= limited
    for office in (m.removeprefix("office:") for m in actor.audiences if m.startswith("office:")):
        reads |= limited & region.startswith(office, autoescape=True)
    return (col(LearningResource.standing) == Standing.ACTIVE) & reads


def published_now(revision_: type[Revision] = Revision) -> ColumnElement[bool]:
    """The condition that joins a resource to what readers see of it."""
    return col(revision_.id) == col(LearningResource.published_revision_id)
