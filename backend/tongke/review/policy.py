"""Who may review: a reviewer whose reach covers it, never its author, nobody by rank."""

from __future__ import annotations

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.resources.models import LearningResource, Revision
from tongke.resources.policy import REVIEW_SCOPE, is_owner, is_reviewer_for


def is_own(actor: Actor, resource: LearningResource, revision: Revision) -> bool:
    return is_owner(actor, resource) or (actor.user_id is not None and actor.user_id == revision.author_id)


def may_review(actor: Actor, resource: LearningResource, revision: Revision) -> bool:
    return is_reviewer_for(actor, resource, revision) and actor.may_use(REVIEW_SCOPE)


def has_a_desk(actor: Actor) -> bool:
    """Whether the review desk is for this person at all."""
    return actor.is_a(Role.REVIEWER) and actor.may_use(REVIEW_SCOPE)
