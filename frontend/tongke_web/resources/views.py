"""The page of a learning resource."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from tongke.accounts import queries as accounts
from tongke.accounts.actor import Actor
from tongke.config import Settings
from tongke.curriculum import queries as curriculum
from tongke.curriculum.models import FrameworkFamily
from tongke.curriculum.queries import Crumb
from tongke.errors import TongkeError
from tongke.http.deps import CurrentActor, CurrentSettings, Db
from tongke.resources import lists, policy, queries, views
from tongke.resources.licences import licence_of
from tongke.resources.models import Relation, Standing
from tongke.resources.views import ResourceView
from tongke.resources.vocabulary import PROBLEM_KINDS
from tongke.review import queries as reviews
from tongke_web.rendering import is_low_data, page
from tongke_web.resources.cards import cards_of
from tongke_web.resources.comparison import shown_value
from tongke_web.resources.files import files_url
from tongke_web.resources.linked_data import linked_data
from tongke_web.resources.media_view import media_views

router = APIRouter()


@router.get("/resources/{resource_id:uuid}", name="resources:detail")
def detail(
    request: Request, db: Db, actor: CurrentActor, settings: CurrentSettings, resource_id: UUID, pending: bool = False
) -> Response:
    """Everything about a resource; ``pending`` shows its newer revision to those at work on it."""
    return detail_page(request, db, actor, settings, resource_id, pending=pending)


def detail_page(
    request: Request,
    db: Db,
    actor: Actor,
    settings: Settings,
    resource_id: UUID,
    *,
    pending: bool = False,
    fragment: str | None = None,
    error: TongkeError | None = None,
    **entered: Any,
) -> Response:
    """The page, or after a form that came back with errors its block ``fragment``."""
    view = views.detail(db, actor, resource_id, pending=pending)
    revision = view.revision
    media = media_views(settings, view.files, files_url(resource_id))
    return page(
        request,
        "resources/detail.html",
        fragment=fragment,
        status=error.status if error else 200,
        view=view,
        revision=revision,
        media=media,
        low_data=is_low_data(request),
        is_pending=pending,
        chapter=_chapter(db, view),
        total_bytes=sum(f.asset.size_bytes for f in view.files),
        licence=licence_of(revision.licence),
        shown_value=shown_value,
        region_name=accounts.region_names(db, {revision.region_code})[revision.region_code],
        related=cards_of(request, db, actor, lists.related(db, actor, view.seen)),
        derived=cards_of(request, db, actor, lists.derived(db, actor, view.seen)),
        may=_allowed(actor, view),
        verdict=next(iter(reviews.verdicts(db, actor, view.seen)), None),
        problem_kinds=list(PROBLEM_KINDS.items()),
        linked_data=Markup(_script_safe(linked_data(settings, view, media))),  # noqa: S704 escaped below
        share_url=f"{settings.base_url}/resources/{resource_id}",
        error=error,
        entered=entered,
    )


def _chapter(db: Db, view: ResourceView) -> list[Crumb]:
    """The way to the textbook chapter the resource teaches, the innermost last; empty when it names none."""
    taught = [
        a.item
        for a in view.alignments
        if a.alignment.relation == Relation.TEACHES and a.framework.family == FrameworkFamily.TEXTBOOK
    ]
    return curriculum.breadcrumb(db, taught[0]) if taught else []


def _allowed(actor: Actor, view: ResourceView) -> dict[str, bool]:
    """What the page offers this actor."""
    resource, revision = view.resource, view.revision
    is_out = resource.standing == Standing.ACTIVE and resource.published_revision_id is not None
    return {
        "edit": policy.may_edit(actor, resource),
        "rate": policy.may_rate(actor, resource) and is_out,
        "keep": policy.may_keep(actor) and is_out,
        "derive": policy.may_derive(actor) and is_out,
        "report": is_out,
        "withdraw": policy.may_withdraw(actor, resource) and is_out,
        "take_down": policy.may_take_down(actor, resource, revision) and is_out,
        "put_back": resource.standing in (Standing.WITHDRAWN, Standing.TAKEN_DOWN)
        and policy.may_put_back(actor, resource, revision),
        "see_history": policy.may_see_history(actor, resource, revision),
        "read_reports": policy.may_read_problem_reports(actor, resource, revision),
        "delete": policy.may_delete(actor, resource) and not is_out,
    }


def _script_safe(document: dict[str, Any]) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(document, ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


@router.get("/r/{code}", name="resources:short")
def short(db: Db, actor: CurrentActor, request: Request, code: str) -> Response:
    """The code printed on a sheet leads to its resource, however it was typed."""
    found = queries.by_short_code(db, actor, code)
    return RedirectResponse(request.app.state.pages.url("resources:detail", resource_id=found.id), 303)
