"""Who may do what with a learning resource: pure functions of an actor and rows already read.

What an actor may not see is 404, what they see but may not do is 403: callers load through ``queries`` (which
raises ``NotFound`` unless ``may_see``) and then ask the other functions.
"""

from __future__ import annotations

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.resources.models import LearningResource, Revision, RevisionState, Standing, Visibility

_LENGTHS = (2, 4, 6, 9)
_COUNTY = 6
READ_SCOPE, WRITE_SCOPE, REVIEW_SCOPE = "read", "write", "review"
_SHOWN_TO_REVIEWERS = frozenset(
    {
        RevisionState.SUBMITTED,
        RevisionState.IN_REVIEW,
        RevisionState.CHANGES_REQUESTED,
        RevisionState.DECLINED,
    }
)
AUTHORS = (Role.TEACHER, Role.REVIEWER, Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN)


def audience_of(resource: LearningResource, revision: Revision) -> frozenset[str]:
    """The marks of which a reader must hold one (``Actor.audiences``) to see this published revision."""
    owner = f"person:{resource.owner_id}"
    offices = {f"office:{revision.region_code[:n]}" for n in _LENGTHS if len(revision.region_code) >= n}
    match Visibility(revision.visibility):
        case Visibility.PUBLIC:
            return frozenset({"public"})
        case Visibility.REGION:
            region = {f"region:{revision.region_code[:_COUNTY]}"} if revision.region_code else set()
            return frozenset({owner, "platform", *offices, *region})
        case Visibility.SCHOOL:
            school = {f"school:{resource.school_id}"} if resource.school_id else set()
            return frozenset({owner, "platform", *offices, *school})
        case Visibility.PRIVATE:
            return frozenset({owner})


def is_owner(actor: Actor, resource: LearningResource) -> bool:
    return actor.user_id is not None and actor.user_id == resource.owner_id


def reads_published(actor: Actor, resource: LearningResource, published: Revision | None) -> bool:
    """Whether the actor is in the audience of what is published now."""
    if published is None or resource.standing != Standing.ACTIVE:
        return False
    return not actor.audiences.isdisjoint(audience_of(resource, published))


def is_reviewer_for(actor: Actor, resource: LearningResource, revision: Revision) -> bool:
    """Whether the actor's reviewer role reaches this revision and it is not their own work."""
    if not actor.is_a(Role.REVIEWER) or actor.user_id in (resource.owner_id, revision.author_id):
        return False
    return actor.reviews_in(revision.region_code) or resource.school_id in actor.school_ids


def may_see(actor: Actor, resource: LearningResource, published: Revision | None, latest: Revision) -> bool:
    """Whether the actor may learn that the resource exists."""
    if resource.standing == Standing.DELETED:
        return False
    if is_owner(actor, resource) or reads_published(actor, resource, published):
        return True
    if resource.standing == Standing.TAKEN_DOWN:
        return may_take_down(actor, resource, published or latest)
    if resource.standing == Standing.WITHDRAWN:
        return actor.is_a(Role.PLATFORM_ADMIN)
    return may_see_pending(actor, resource, latest)


def may_see_pending(actor: Actor, resource: LearningResource, revision: Revision) -> bool:
    """Whether a revision that is not published may be read: by its author, or a reviewer once it was submitted."""
    if resource.standing == Standing.DELETED:
        return False
    if is_owner(actor, resource) or (actor.user_id is not None and actor.user_id == revision.author_id):
        return True
    return revision.state in _SHOWN_TO_REVIEWERS and is_reviewer_for(actor, resource, revision)


def may_see_history(actor: Actor, resource: LearningResource, revision: Revision) -> bool:
    """Whether the list of revisions and the decisions on them may be read."""
    return (
        is_owner(actor, resource) or is_reviewer_for(actor, resource, revision) or oversees(actor, resource, revision)
    )


def oversees(actor: Actor, resource: LearningResource, revision: Revision) -> bool:
    """Whether the actor's rank covers the resource: its school, its region, or the platform."""
    if actor.is_a(Role.SCHOOL_ADMIN):
        return actor.school_id is not None and actor.school_id == resource.school_id
    return actor.is_a(Role.REGION_ADMIN, Role.PLATFORM_ADMIN) and actor.covers(revision.region_code)


def may_create(actor: Actor) -> bool:
    return actor.is_signed_in and actor.is_a(*AUTHORS) and actor.may_use(WRITE_SCOPE)


def may_edit(actor: Actor, resource: LearningResource) -> bool:
    return is_owner(actor, resource) and may_create(actor) and resource.standing != Standing.TAKEN_DOWN


def may_submit(actor: Actor, resource: LearningResource) -> bool:
    return is_owner(actor, resource) and may_create(actor)


def may_withdraw(actor: Actor, resource: LearningResource) -> bool:
    return is_owner(actor, resource) and actor.may_use(WRITE_SCOPE)


def may_delete(actor: Actor, resource: LearningResource) -> bool:
    return is_owner(actor, resource) and actor.may_use(WRITE_SCOPE) and resource.standing != Standing.TAKEN_DOWN


def may_take_down(actor: Actor, resource: LearningResource, revision: Revision) -> bool:
    """Offices take down what lies in their reach; never by a school, never one's own (that is a withdrawal)."""
    return (
        actor.is_a(Role.REGION_ADMIN, Role.PLATFORM_ADMIN)
        and actor.covers(revision.region_code)
        and not is_owner(actor, resource)
        and actor.may_use(REVIEW_SCOPE)
    )


def may_put_back(actor: Actor, resource: LearningResource, revision: Revision) -> bool:
    """Undo a withdrawal (its owner), or a take-down (an office in reach)."""
    if resource.standing == Standing.WITHDRAWN:
        return may_withdraw(actor, resource)
    return may_take_down(actor, resource, revision)


def may_rate(actor: Actor, resource: LearningResource) -> bool:
    return actor.is_signed_in and not is_owner(actor, resource) and actor.may_use(WRITE_SCOPE)


def may_keep(actor: Actor) -> bool:
    """Favourites and collections of one's own."""
    return actor.is_signed_in and actor.may_use(WRITE_SCOPE)


def may_derive(actor: Actor) -> bool:
    return may_create(actor)


def may_read_problem_reports(actor: Actor, resource: LearningResource, revision: Revision) -> bool:
    return is_owner(actor, resource) or oversees(actor, resource, revision)
