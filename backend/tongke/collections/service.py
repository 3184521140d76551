"""What can happen to a collection: made, filled, ordered, shared, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, delete, func, select

from tongke.accounts.actor import Actor
from tongke.audit import service as audit
from tongke.collections import policy
from tongke.collections.models import Collection, CollectionItem
from tongke.db import now
from tongke.errors import Conflict, Invalid, require
from tongke.i18n import say
from tongke.resources import policy as resources_policy
from tongke.resources.queries import Seen

TITLE_LENGTH, DESCRIPTION_LENGTH, NOTE_LENGTH, MOST_ITEMS = 120, 4000, 500, 500


def create(session: Session, actor: Actor, *, title: str, description: str = "") -> Collection:
    """Open an empty collection that only its owner sees."""
    require(policy.may_create(actor), say("请先登录，再继续。"))
    assert actor.user_id is not None
    collection = Collection(owner_id=actor.user_id, title=_title(title), description=_words(description))
    session.add(collection)
    return collection


def rename(session: Session, actor: Actor, collection: Collection, *, title: str, description: str) -> None:
    _require_owner(actor, collection)
    collection.title, collection.description = _title(title), _words(description)
    _touch(session, collection)


def add(session: Session, actor: Actor, collection: Collection, seen: Seen, *, note: str = "") -> None:
    """Put a published resource the actor may read at the end; one already there only gets the note."""
    _require_owner(actor, collection)
    readable = resources_policy.reads_published(actor, seen.resource, seen.published)
    if not readable:
        raise Conflict(say("只能收入已经发布的资源。"))
    kept = session.get(CollectionItem, (collection.id, seen.resource.id))
    if kept is None:
        kept = CollectionItem(
            collection_id=collection.id, resource_id=seen.resource.id, position=_end(session, collection)
        )
    kept.note = _words(note)[:NOTE_LENGTH]
    session.add(kept)
    _touch(session, collection)


def remove(session: Session, actor: Actor, collection: Collection, resource_id: UUID) -> None:
    """Take a resource out; it need not exist any more."""
    _require_owner(actor, collection)
    session.exec(
        delete(CollectionItem).where(
            col(CollectionItem.collection_id) == collection.id, col(CollectionItem.resource_id) == resource_id
        )
    )
    _touch(session, collection)


def reorder(session: Session, actor: Actor, collection: Collection, resource_ids: Sequence[UUID]) -> None:
    """Put the named resources first, in this order; the others follow as they were."""
    _require_owner(actor, collection)
    rank = {resource_id: n for n, resource_id in enumerate(dict.fromkeys(resource_ids))}
    wanted = select(CollectionItem).where(CollectionItem.collection_id == collection.id)
    items = session.exec(wanted.order_by(col(CollectionItem.position))).all()
    for position, item in enumerate(sorted(items, key=lambda i: rank.get(i.resource_id, len(rank)))):
        item.position = position
        session.add(item)
    _touch(session, collection)


def open_to_all(session: Session, actor: Actor, collection: Collection, *, is_public: bool) -> None:
    """Show the collection to everybody, or no longer."""
    require(policy.may_open_to_all(actor, collection), say("您不能公开这个专题。"))
    collection.is_public = is_public
    _touch(session, collection)
    action = "collection.publish" if is_public else "collection.unpublish"
    audit.record(session, actor, action, "collection", collection.id)


def share(session: Session, actor: Actor, collection: Collection) -> str:
    """Return the token of the link that opens the collection to whoever has it; the same one until ``unshare``."""
    _require_owner(actor, collection)
    if collection.share_token is None:
        collection.share_token = secrets.token_urlsafe(16)
        _touch(session, collection)
        audit.record(session, actor, "collection.share", "collection", collection.id)
    return collection.share_token


def unshare(session: Session, actor: Actor, collection: Collection) -> None:
    """Make the link that was given out lead nowhere."""
    _require_owner(actor, collection)
    collection.share_token = None
    _touch(session, collection)
    audit.record(session, actor, "collection.unshare", "collection", collection.id)


def delete_collection(session: Session, actor: Actor, collection: Collection) -> None:
    """Delete the collection; its resources stay."""
    _require_owner(actor, collection)
    session.exec(delete(CollectionItem).where(col(CollectionItem.collection_id) == collection.id))
    session.delete(collection)
    audit.record(session, actor, "collection.delete", "collection", collection.id)


def _require_owner(actor: Actor, collection: Collection) -> None:
    require(policy.may_edit(actor, collection), say("只有建立者可以修改这个专题。"))


def _end(session: Session, collection: Collection) -> int:
    of_collection = col(CollectionItem.collection_id) == collection.id
    count, last = session.exec(
        select(func.count(), func.max(CollectionItem.position)).select_from(CollectionItem).where(of_collection)
    ).one()
    if count >= MOST_ITEMS:
        raise Conflict(say("一个专题最多收入 {n} 个资源。", n=MOST_ITEMS))
    return 0 if last is None else last + 1


def _title(title: str) -> str:
    title = title.replace("\0", "").strip()
    if not title or len(title) > TITLE_LENGTH:
        wrong = say("请填写标题，最多 {n} 个字。", n=TITLE_LENGTH)
        raise Invalid(wrong, fields={"title": wrong})
    return title


def _words(text: str) -> str:
    return text.replace("\0", "").strip()[:DESCRIPTION_LENGTH]


def _touch(session: Session, collection: Collection) -> None:
    collection.updated_at = now()
    session.add(collection)
