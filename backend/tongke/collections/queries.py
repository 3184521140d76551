"""Reads about collections; what an actor may not see raises ``NotFound`` or is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from tongke.accounts.actor import Actor
from tongke.accounts.models import User
from tongke.collections import policy
from tongke.collections.models import Collection, CollectionItem
from tongke.errors import NotFound
from tongke.resources.lists import Card, cards
from tongke.resources.models import LearningResource, Revision
from tongke.resources.queries import in_audience, published_now


@dataclass(frozen=True, slots=True)
class CollectionLine:
    """A collection as a list shows it; ``size`` counts what this actor may read of it."""

    id: UUID
    title: str
    description: str
    owner_name: str
    is_public: bool
    is_shared: bool
    size: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CollectionEntry:
    card: Card
    note: str


@dataclass(frozen=True, slots=True)
class CollectionView:
    collection: Collection
    owner_name: str
    entries: tuple[CollectionEntry, ...]
    hidden: int
    """How many more there are that this actor may not read now; told to the owner only, 0 to others."""


def collection(session: Session, actor: Actor, collection_id: UUID, *, share_token: str | None = None) -> Collection:
    """Return the collection if the actor may see it; raises ``NotFound``."""
    found = session.get(Collection, collection_id)
    if found is None or not policy.may_see(actor, found, share_token):
        raise NotFound
    return found


def view(session: Session, actor: Actor, collection_id: UUID, *, share_token: str | None = None) -> CollectionView:
    """The collection with those of its resources the actor may read, in order; four queries."""
    found = collection(session, actor, collection_id, share_token=share_token)
    owner_name = session.exec(select(User.name).where(User.id == found.owner_id)).one()
    wanted = select(CollectionItem).where(CollectionItem.collection_id == found.id)
    kept = session.exec(wanted.order_by(col(CollectionItem.position))).all()
    notes = {item.resource_id: item.note for item in kept}
    entries = tuple(CollectionEntry(card, notes[card.id]) for card in cards(session, actor, list(notes)))
    hidden = len(kept) - len(entries) if policy.is_owner(actor, found) else 0
    return CollectionView(found, owner_name, entries, hidden)


def own(session: Session, actor: Actor, *, page: int = 1, page_size: int = 20) -> tuple[list[CollectionLine], int]:
    """The actor's collections, last changed first, and how many there are; two queries."""
    return _page(session, _lines(actor).where(col(Collection.owner_id) == actor.user_id), page, page_size)


def public(session: Session, actor: Actor, *, page: int = 1, page_size: int = 20) -> tuple[list[CollectionLine], int]:
    """The collections open to everybody, last changed first, and how many there are; two queries."""
    return _page(session, _lines(actor).where(col(Collection.is_public).is_(True)), page, page_size)


def holding(session: Session, actor: Actor, resource_id: UUID) -> Sequence[UUID]:
    """Which of the actor's collections hold the resource."""
    return session.exec(
        select(Collection.id)
        .join(CollectionItem, col(CollectionItem.collection_id) == col(Collection.id))
        .where(CollectionItem.resource_id == resource_id, Collection.owner_id == actor.user_id)
    ).all()


def _page(session: Session, wanted: Any, page: int, page_size: int) -> tuple[list[CollectionLine], int]:
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    newest_first = wanted.order_by(col(Collection.updated_at).desc(), col(Collection.id))
    rows = session.execute(newest_first.limit(page_size).offset((page - 1) * page_size))
    return [CollectionLine(**row) for row in rows.mappings()], total


def _lines(actor: Actor) -> Any:
    size = (
        select(func.count())
        .select_from(CollectionItem)
        .join(LearningResource, col(LearningResource.id) == col(CollectionItem.resource_id))
        .join(Revision, published_now())
        .where(col(CollectionItem.collection_id) == col(Collection.id), in_audience(actor))
        .correlate(Collection)
        .scalar_subquery()
    )
    return select_columns(
        col(Collection.id),
        col(Collection.title),
        col(Collection.description),
        col(User.name).label("owner_name"),
        col(Collection.is_public),
        col(Collection.share_token).is_not(None).label("is_shared"),
        size.label("size"),
        col(Collection.updated_at),
    ).join(User, col(User.id) == col(Collection.owner_id))
