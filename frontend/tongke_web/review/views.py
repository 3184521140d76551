"""The review desk: what waits, one item at a time, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import ceil
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from tongke.accounts.actor import Actor
from tongke.db import now
from tongke.errors import Conflict, Invalid, NotFound, TongkeError, require
from tongke.http.deps import CurrentSettings, Db, SignedIn, Store
from tongke.i18n import Text, say
from tongke.resources import compare, views
from tongke.resources import queries as resource_queries
from tongke.resources.licences import licence_of
from tongke.resources.vocabulary import SUBJECTS
from tongke.review import policy, queries, service
from tongke.review.checklist import checklist_for
from tongke.review.models import Decision
from tongke.review.queries import Pile
from tongke_web.rendering import Pages, page, see_other
from tongke_web.resources.comparison import field_word, shown_value
from tongke_web.resources.files import files_url
from tongke_web.resources.media_view import media_views

router = APIRouter(prefix="/review")
PAGE_SIZE = 20
PageNumber = Annotated[int, Query(ge=1, le=100_000, alias="page")]
PILES: dict[Pile, Text] = {
    Pile.WAITING: say("待审核"),
    Pile.MINE: say("我在审的"),
    Pile.OTHERS: say("同事在审的"),
}
DECIDED: dict[Decision, Text] = {
    Decision.PUBLISH: say("已发布，老师们现在可以找到它。"),
    Decision.REQUEST_CHANGES: say("已请作者修改，意见会显示在作者的页面上。"),
    Decision.DECLINE: say("已退回，原因会显示在作者的页面上。"),
}


LONG_S, DAY_S, HOUR_S = 3 * 24 * 3600, 24 * 3600, 3600


def waited(since: datetime) -> tuple[Text, bool]:
    """How long something has waited, and whether that is too long."""
    seconds = int((now() - since).total_seconds())
    if seconds >= DAY_S:
        return say("等了 {n} 天", n=seconds // DAY_S), seconds >= LONG_S
    if seconds >= HOUR_S:
        return say("等了 {n} 小时", n=seconds // HOUR_S), False
    return say("刚刚提交"), False


@router.get("", name="review:desk")
def desk(
    request: Request, db: Db, actor: SignedIn, pile: Pile = Pile.WAITING, subject: str = "", number: PageNumber = 1
) -> Response:
    """What waits for this reviewer, longest waiting first."""
    require(policy.has_a_desk(actor), say("审核台只对审核员开放。"))
    rows, total = queries.queue(db, actor, pile=pile, subject=subject, page=number, page_size=PAGE_SIZE)
    return page(
        request,
        "review/desk.html",
        fragment="results",
        piles=PILES,
        pile=pile,
        counts=queries.queue_counts(db, actor),
        subject=subject,
        subjects=SUBJECTS,
        rows=rows,
        waits={row.resource_id: waited(row.submitted_at) for row in rows},
        total=total,
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=_address(request, pile, subject),
    )


def _address(request: Request, pile: Pile, subject: str) -> Callable[[int], str]:
    pages: Pages = request.app.state.pages
    return lambda number: pages.url("review:desk", {"pile": pile.value, "subject": subject, "page": number})


@router.get("/{resource_id}", name="review:item")
def item(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID) -> Response:
    """One submitted revision with all a reviewer looks at; what is being reviewed already goes on."""
    return _item_page(request, db, actor, settings, resource_id)


def _item_page(
    request: Request,
    db: Db,
    actor: Actor,
    settings: CurrentSettings,
    resource_id: UUID,
    *,
    error: TongkeError | None = None,
    comment: str = "",
    ticked: frozenset[str] = frozenset(),
) -> Response:
    view = views.detail(db, actor, resource_id, pending=True)
    revision, review = view.revision, queries.current(db, view.seen)
    if review is None or not policy.may_review(actor, view.resource, revision):
        raise NotFound
    before = view.seen.published if view.seen.published and view.seen.published.id != revision.id else None
    return page(
        request,
        "review/item.html",
        fragment="decision",
        status=error.status if error else 200,
        view=view,
        revision=revision,
        media=media_views(settings, view.files, files_url(resource_id)),
        review=review,
        is_mine=review.reviewer_id == actor.user_id,
        is_free=review.reviewer_id is None,
        is_decided=review.decision is not None,
        checklist=checklist_for(revision.type),
        wait=waited(revision.submitted_at) if revision.submitted_at else None,
        comparison=compare.compare(db, before, revision) if before else None,
        field_word=field_word,
        shown_value=shown_value,
        licence=licence_of(revision.licence),
        verdicts=queries.verdicts(db, actor, view.seen),
        error=error,
        comment=comment,
        ticked=ticked,
    )


@router.post("/{resource_id}/claim", name="review:claim")
def claim(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID) -> Response:
    """Take it onto one's desk; when a colleague was quicker, the page says so."""
    try:
        service.claim(db, actor, resource_queries.visible(db, actor, resource_id))
    except Conflict as error:
        return _item_page(request, db, actor, settings, resource_id, error=error)
    return see_other(request, "review:item", resource_id=resource_id, done=say("已放到您的审核台上。"))


@router.post("/{resource_id}/release", name="review:release")
def release(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID) -> Response:
    try:
        service.release(db, actor, resource_queries.visible(db, actor, resource_id))
    except Conflict as error:
        return _item_page(request, db, actor, settings, resource_id, error=error)
    return see_other(request, "review:desk", done=say("已放回待审核，同事可以接手。"))


@router.post("/{resource_id}/decision", name="review:decide")
def decide(
    request: Request,
    db: Db,
    actor: SignedIn,
    settings: CurrentSettings,
    store: Store,
    resource_id: UUID,
    decision: Annotated[Decision, Form()],
    comment: Annotated[str, Form()] = "",
    ticked: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Publish, ask for changes or decline; what was written stays in the form when it cannot be done."""
    resource = resource_queries.visible(db, actor, resource_id)
    ticks = frozenset(ticked or ())
    points = checklist_for(resource_queries.latest_revision(db, resource.id).type)
    kept = {name: name in ticks for name in points}
    try:
        with db.begin_nested():  # a claim may be made before the refusal: nothing of it stays
            service.decide(db, actor, store, resource, decision=decision, comment=comment, checklist=kept)
    except (Invalid, Conflict) as error:
        return _item_page(request, db, actor, settings, resource_id, error=error, comment=comment, ticked=ticks)
    return see_other(request, "review:desk", done=DECIDED[decision])
