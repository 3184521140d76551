"""Who may do what with a collection: pure functions."""

from __future__ import annotations

from hmac import compare_digest

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.collections.models import Collection
from tongke.resources.policy import WRITE_SCOPE


def may_create(actor: Actor) -> bool:
    return actor.is_signed_in and actor.may_use(WRITE_SCOPE)


def may_see(actor: Actor, collection: Collection, share_token: str | None = None) -> bool:
    """Everybody sees a public one, whoever holds the link a shared one; its resources are narrowed besides."""
    if collection.is_public or is_owner(actor, collection):
        return True
    if share_token is None or collection.share_token is None:
        return False
    return compare_digest(share_token.encode(), collection.share_token.encode())


def is_owner(actor: Actor, collection: Collection) -> bool:
    return actor.user_id is not None and actor.user_id == collection.owner_id


def may_edit(actor: Actor, collection: Collection) -> bool:
    return is_owner(actor, collection) and actor.may_use(WRITE_SCOPE)


def may_open_to_all(actor: Actor, collection: Collection) -> bool:
    """Pupils keep and share collections, but do not publish them."""
    return may_edit(actor, collection) and not actor.is_a(Role.PUPIL)
