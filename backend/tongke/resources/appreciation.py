"""What readers give back: stars and words, favourites, reports of problems, use."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.audit import service as audit
from tongke.db import now
from tongke.errors import Conflict, Invalid, NotFound, require
from tongke.i18n import say
from tongke.resources import policy
from tongke.resources.content import hold
from tongke.resources.models import Favourite, LearningResource, ProblemReport, Rating, Standing
from tongke.resources.queries import latest_revision, published_revision
from tongke.resources.vocabulary import PROBLEM_KINDS
from tongke.search.outbox import request_reindex

MOST_STARS, WORDS_LENGTH = 5, 2000


def rate(session: Session, actor: Actor, resource: LearningResource, *, stars: int, comment: str = "") -> Rating:
    """Give stars to somebody else's published resource, in place of what one gave before."""
    hold(session, resource)
    require(policy.may_rate(actor, resource), say("不能给自己的作品评分。"))
    assert actor.user_id is not None
    _require_published(resource)
    require(not (comment.strip() and actor.is_a(Role.PUPIL)), say("学生可以评星，不能写评论。"))
    if not 1 <= stars <= MOST_STARS:
        raise Invalid(say("请选一到五颗星。"), fields={"stars": say("请选一到五颗星。")})
    rating = session.exec(
        select(Rating).where(Rating.resource_id == resource.id, Rating.user_id == actor.user_id)
    ).first()
    before = rating.stars if rating else 0
    if rating is None:
        rating = Rating(resource_id=resource.id, user_id=actor.user_id, stars=stars)
    rating.stars, rating.comment, rating.created_at = stars, _shortened(comment), now()
    session.add(rating)
    _add_to_sums(session, resource, stars - before, 0 if before else 1)
    return rating


def withdraw_rating(session: Session, actor: Actor, resource: LearningResource) -> None:
    """Take one's stars back, if one gave any."""
    hold(session, resource)
    rating = session.exec(
        select(Rating).where(Rating.resource_id == resource.id, Rating.user_id == actor.user_id)
    ).first()
    if rating:
        session.delete(rating)
        _add_to_sums(session, resource, -rating.stars, -1)


def _add_to_sums(session: Session, resource: LearningResource, stars: int, people: int) -> None:
    session.exec(
        update(LearningResource)
        .where(col(LearningResource.id) == resource.id)
        .values(
            rating_sum=col(LearningResource.rating_sum) + stars,
            rating_count=col(LearningResource.rating_count) + people,
        )
        .execution_options(synchronize_session=False)
    )
    session.refresh(resource)
    request_reindex(session, resource.id)


def keep_favourite(session: Session, actor: Actor, resource: LearningResource) -> None:
    """Put the resource among one's favourites; once is enough."""
    hold(session, resource)
    require(policy.may_keep(actor), say("请先登录，再继续。"))
    assert actor.user_id is not None
    if session.get(Favourite, (actor.user_id, resource.id)) is None:
        session.add(Favourite(user_id=actor.user_id, resource_id=resource.id))


def drop_favourite(session: Session, actor: Actor, resource: LearningResource) -> None:
    session.exec(
        delete(Favourite).where(col(Favourite.user_id) == actor.user_id, col(Favourite.resource_id) == resource.id)
    )


def report_problem(
    session: Session, actor: Actor, resource: LearningResource, *, kind: str, words: str = ""
) -> ProblemReport:
    """Say that something is wrong with a published resource; nobody need sign in for it."""
    _require_published(resource)
    if kind not in PROBLEM_KINDS:
        raise Invalid(say("请选择问题的种类。"), fields={"kind": say("请选择问题的种类。")})
    report = ProblemReport(resource_id=resource.id, reporter_id=actor.user_id, kind=kind, words=_shortened(words))
    session.add(report)
    audit.record(session, actor, "resource.report_problem", "learning_resource", resource.id, kind=kind)
    return report


def close_report(session: Session, actor: Actor, report: ProblemReport, *, outcome: str) -> None:
    """Say what came of a report; the resource's owner or an administrator whose rank covers it."""
    resource = session.get(LearningResource, report.resource_id)
    if resource is None:
        raise NotFound
    shown = published_revision(session, resource) or latest_revision(session, resource.id)
    require(policy.may_read_problem_reports(actor, resource, shown), say("您不能处理这条报告。"))
    if report.closed_at is not None:
        raise Conflict(say("这条报告已经处理过了。"))
    report.closed_at, report.closed_by, report.outcome = now(), actor.user_id, _shortened(outcome)
    session.add(report)
    audit.record(session, actor, "resource.close_report", "learning_resource", resource.id, reason=report.outcome)


def count_use(session: Session, resource_id: UUID) -> None:
    """Add one use: a play, a download, a print."""
    session.exec(
        update(LearningResource)
        .where(col(LearningResource.id) == resource_id)
        .values(use_count=col(LearningResource.use_count) + 1)
        .execution_options(synchronize_session=False)
    )


def _require_published(resource: LearningResource) -> None:
    if resource.standing != Standing.ACTIVE or resource.published_revision_id is None:
        raise Conflict(say("资源还没有发布。"))


def _shortened(words: str) -> str:
    return words.replace("\0", "").strip()[:WORDS_LENGTH]
