"""What a reader, the owner and the office do on the page of a resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tongke.errors import Conflict, Invalid
from tongke.http.deps import CurrentActor, CurrentSettings, Db, SignedIn
from tongke.http.rate_limits import REPORTS_BY_ADDRESS, count
from tongke.i18n import Text, say
from tongke.resources import queries, service
from tongke.resources.models import LearningResource
from tongke_web.rendering import see_other
from tongke_web.resources.views import detail_page

router = APIRouter(prefix="/resources/{resource_id:uuid}")
Field = Annotated[str, Form()]


@router.post("/favourite", name="resources:favourite")
def favourite(request: Request, db: Db, actor: SignedIn, resource_id: UUID, keep: Annotated[bool, Form()]) -> Response:
    """Keep among one's favourites, or drop."""
    resource = queries.visible(db, actor, resource_id)
    if keep:
        service.keep_favourite(db, actor, resource)
    else:
        service.drop_favourite(db, actor, resource)
    done = say("已收藏。") if keep else say("已取消收藏。")
    return see_other(request, "resources:detail", resource_id=resource_id, done=done)


@router.post("/rating", name="resources:rate")
def rate(
    request: Request,
    db: Db,
    actor: SignedIn,
    settings: CurrentSettings,
    resource_id: UUID,
    stars: Annotated[int, Form()] = 0,
    comment: Field = "",
) -> Response:
    resource = queries.visible(db, actor, resource_id)
    try:
        service.rate(db, actor, resource, stars=stars, comment=comment)
    except (Invalid, Conflict) as error:
        return detail_page(
            request, db, actor, settings, resource_id, fragment="rating", error=error, stars=stars, comment=comment
        )
    return see_other(request, "resources:detail", resource_id=resource_id, done=say("谢谢您的评价。"))


@router.post("/rating/withdrawal", name="resources:withdraw_rating")
def withdraw_rating(request: Request, db: Db, actor: SignedIn, resource_id: UUID) -> Response:
    service.withdraw_rating(db, actor, queries.visible(db, actor, resource_id))
    return see_other(request, "resources:detail", resource_id=resource_id, done=say("您的评价已收回。"))


@router.post("/report", name="resources:report")
def report(
    request: Request,
    db: Db,
    actor: CurrentActor,
    settings: CurrentSettings,
    resource_id: UUID,
    kind: Field = "",
    words: Field = "",
) -> Response:
    """Say that something is wrong; nobody need sign in for it."""
    count(REPORTS_BY_ADDRESS, request.client.host if request.client else "")
    resource = queries.visible(db, actor, resource_id)
    try:
        service.report_problem(db, actor, resource, kind=kind, words=words)
    except (Invalid, Conflict) as error:
        return detail_page(
            request, db, actor, settings, resource_id, fragment="report", error=error, kind=kind, words=words
        )
    done = say("已收到，作者和管理员会看到。")
    return see_other(request, "resources:detail", resource_id=resource_id, done=done)


@router.post("/derivation", name="resources:derive")
def derive(request: Request, db: Db, actor: SignedIn, resource_id: UUID) -> Response:
    """Start one's own adaptation."""
    draft = service.derive(db, actor, queries.visible(db, actor, resource_id))
    done = say("这是您的改编稿，原作者会留在来源里。改好后提交审核。")
    return see_other(request, "resources:edit", resource_id=draft.resource.id, done=done)


@router.post("/withdrawal", name="resources:withdraw")
def withdraw(
    request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID, reason: Field = ""
) -> Response:
    def act(resource: LearningResource) -> None:
        service.withdraw(db, actor, resource, reason=reason)

    return _change_standing(request, db, actor, settings, resource_id, act, say("已撤回，读者看不到了。"), reason)


@router.post("/take-down", name="resources:take_down")
def take_down(
    request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID, reason: Field = ""
) -> Response:
    def act(resource: LearningResource) -> None:
        service.take_down(db, actor, resource, reason=reason)

    return _change_standing(request, db, actor, settings, resource_id, act, say("已下架。"), reason)


@router.post("/return", name="resources:put_back")
def put_back(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID) -> Response:
    def act(resource: LearningResource) -> None:
        service.put_back(db, actor, resource)

    return _change_standing(request, db, actor, settings, resource_id, act, say("已恢复，读者又能看到了。"), "")


def _change_standing(
    request: Request,
    db: Db,
    actor: SignedIn,
    settings: CurrentSettings,
    resource_id: UUID,
    act: Callable[[LearningResource], None],
    done: Text,
    reason: str,
) -> Response:
    resource = queries.visible(db, actor, resource_id)
    try:
        act(resource)
    except (Invalid, Conflict) as error:
        return detail_page(request, db, actor, settings, resource_id, fragment="standing", error=error, reason=reason)
    return see_other(request, "resources:detail", resource_id=resource_id, done=done)


@router.post("/deletion", name="resources:delete")
def delete(request: Request, db: Db, actor: SignedIn, resource_id: UUID) -> Response:
    service.delete(db, actor, queries.visible(db, actor, resource_id))
    return see_other(request, "me:resources", done=say("已删除。"))
