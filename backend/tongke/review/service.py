"""Review before publication: submit, claim, release, decide.

Every step moves the state with an UPDATE that names the state it comes from. Of two people at once, one changes a
row and the other none, and is told so; the database's triggers refuse whatever code might forget.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select, update

from tongke.accounts.actor import Actor
from tongke.audit import service as audit
from tongke.db import now
from tongke.errors import Conflict, Invalid, require
from tongke.i18n import Text, joined, say
from tongke.resources import policy as resources_policy
from tongke.resources.completeness import missing
from tongke.resources.content import hold
from tongke.resources.drafts import start_revision
from tongke.resources.models import LearningResource, Revision, RevisionState, Standing
from tongke.resources.publication import publish
from tongke.resources.queries import latest_revision
from tongke.review import policy
from tongke.review.checklist import as_kept
from tongke.review.models import Decision, Review
from tongke.review.originals import require_originals
from tongke.storage.base import BlobStore

COMMENT_LENGTH = 4000
_SETTLED = {
    Decision.REQUEST_CHANGES: RevisionState.CHANGES_REQUESTED,
    Decision.DECLINE: RevisionState.DECLINED,
}
_UNDER_REVIEW = (RevisionState.SUBMITTED, RevisionState.IN_REVIEW)


def submit(session: Session, actor: Actor, resource: LearningResource, *, commitment: bool) -> Revision:
    """Hand the draft in for review; the submitter's commitment is kept with it.

    Where changes were asked for and no draft was begun, the same content goes in once more as a new revision.
    Raises ``Invalid`` without the commitment or with something missing, ``Conflict`` in a wrong state.
    """
    hold(session, resource)
    require(resources_policy.may_submit(actor, resource), say("只有作者可以提交审核。"))
    if resource.standing != Standing.ACTIVE:
        raise Conflict(say("资源已撤回或下架，不能提交。"))
    latest = latest_revision(session, resource.id)
    if latest.state == RevisionState.CHANGES_REQUESTED:
        latest = start_revision(session, actor, resource, latest)
    if latest.state != RevisionState.DRAFT:
        raise Conflict(say("没有可以提交的草稿。"))
    if not commitment:
        wrong = say("请先作出承诺：内容合法，本人有权分享。")
        raise Invalid(wrong, fields={"commitment": wrong})
    if wrong_fields := missing(resource, latest):
        raise Invalid(_listed(wrong_fields), fields=wrong_fields)
    at = now()
    _move(session, latest, RevisionState.DRAFT, RevisionState.SUBMITTED, submitted_at=at, commitment_at=at)
    session.add(Review(revision_id=latest.id, author_id=latest.author_id))
    audit.record(
        session, actor, "resource.submit", "learning_resource", resource.id, number=latest.number, commitment=True
    )
    return latest


def claim(session: Session, actor: Actor, resource: LearningResource) -> Review:
    """Take the submitted revision onto one's desk; raises ``Conflict`` when somebody else has it."""
    revision = _reviewable(session, actor, resource)
    review = _review_of(session, revision)
    if revision.state == RevisionState.IN_REVIEW and review.reviewer_id == actor.user_id:
        return review
    _claim(session, actor, revision, review)
    audit.record(session, actor, "review.claim", "learning_resource", resource.id, number=revision.number)
    return review


def release(session: Session, actor: Actor, resource: LearningResource) -> Review:
    """Put a claimed revision back, for others to take."""
    revision = _reviewable(session, actor, resource)
    review = _review_of(session, revision)
    if revision.state != RevisionState.IN_REVIEW or review.reviewer_id != actor.user_id:
        raise Conflict(say("这份作品不在您的审核台上。"))
    _move(session, revision, RevisionState.IN_REVIEW, RevisionState.SUBMITTED)
    session.exec(update(Review).where(col(Review.id) == review.id).values(reviewer_id=None, claimed_at=None))
    audit.record(session, actor, "review.release", "learning_resource", resource.id, number=revision.number)
    session.refresh(review)
    return review


def decide(
    session: Session,
    actor: Actor,
    store: BlobStore,
    resource: LearningResource,
    *,
    decision: Decision,
    comment: str = "",
    checklist: Mapping[str, Any] | None = None,
) -> Revision:
    """Publish, ask for changes or decline; claims first when nobody has.

    Publication asks ``store`` for every original before it changes anything. Raises ``Forbidden`` for the author and
    whoever is no reviewer here, ``Conflict`` in a wrong state, when somebody else has claimed, or while an original
    is not there; ``Invalid`` for a refusal without a reason.
    """
    revision = _reviewable(session, actor, resource)
    comment, checklist = _comment(decision, comment), as_kept(checklist or {})
    review = _review_of(session, revision)
    if decision is Decision.PUBLISH:
        if resource.standing != Standing.ACTIVE:
            raise Conflict(say("资源已撤回或下架，不能发布。"))
        require_originals(session, store, revision)
    if revision.state == RevisionState.SUBMITTED:
        _claim(session, actor, revision, review)
    elif review.reviewer_id != actor.user_id:
        raise _taken()
    _decide(session, actor, review, decision, comment=comment, checklist=checklist)
    if decision is Decision.PUBLISH:
        publish(session, resource, revision)
    else:
        _move(session, revision, RevisionState.IN_REVIEW, _SETTLED[decision])
    action = f"review.{decision.value}"
    audit.record(
        session, actor, action, "learning_resource", resource.id, reason=comment, number=revision.number,
        checklist=checklist,
    )  # fmt: skip
    return revision


def _reviewable(session: Session, actor: Actor, resource: LearningResource) -> Revision:
    hold(session, resource)
    revision = latest_revision(session, resource.id)
    require(not policy.is_own(actor, resource, revision), say("不能审核自己的作品。"))
    require(policy.may_review(actor, resource, revision), say("您不是这份作品的审核人。"))
    if revision.state not in _UNDER_REVIEW:
        raise Conflict(say("没有等待审核的版本。"))
    return revision


def _review_of(session: Session, revision: Revision) -> Review:
    return session.exec(select(Review).where(Review.revision_id == revision.id)).one()


def _claim(session: Session, actor: Actor, revision: Revision, review: Review) -> None:
    changed = session.exec(
        update(Review)
        .where(col(Review.id) == review.id, col(Review.reviewer_id).is_(None))
        .values(reviewer_id=actor.user_id, claimed_at=now())
    )
    if changed.rowcount != 1:
        raise _taken()
    _move(session, revision, RevisionState.SUBMITTED, RevisionState.IN_REVIEW)


def _decide(
    session: Session, actor: Actor, review: Review, decision: Decision, *, comment: str, checklist: dict[str, Any]
) -> None:
    changed = session.exec(
        update(Review)
        .where(col(Review.id) == review.id, col(Review.reviewer_id) == actor.user_id, col(Review.decision).is_(None))
        .values(decision=decision.value, comment=comment, checklist=checklist, decided_at=now())
    )
    if changed.rowcount != 1:
        raise _taken()


def _move(session: Session, revision: Revision, source: RevisionState, target: RevisionState, **more: Any) -> None:
    """Bring the revision from one state to the next; raises ``Conflict`` when it is not in the first any more."""
    changed = session.exec(
        update(Revision)
        .where(col(Revision.id) == revision.id, col(Revision.state) == source.value)
        .values(state=target.value, **more)
    )
    if changed.rowcount != 1:
        raise Conflict(say("这个版本的状态刚刚变了，请刷新后再试。"))


def _comment(decision: Decision, comment: str) -> str:
    comment = comment.replace("\0", "").strip()
    if decision is not Decision.PUBLISH and not comment:
        raise Invalid(say("请写明原因。"), fields={"comment": say("请写明原因。")})
    if len(comment) > COMMENT_LENGTH:
        too_long = say("最多 {n} 个字。", n=COMMENT_LENGTH)
        raise Invalid(too_long, fields={"comment": too_long})
    return comment


def _taken() -> Conflict:
    return Conflict(say("另一位审核人已经在审这份作品。"))


def _listed(wrong: dict[str, Text]) -> Text:
    return say("还不能提交：{listed}", listed=joined(wrong.values()))
