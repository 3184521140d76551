"""The revisions of a resource: list, one of them, what differs, bringing one back."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongke.errors import NotFound
from tongke.http.deps import CurrentActor, CurrentSettings, Db, SignedIn
from tongke.i18n import say
from tongke.resources import compare, policy, queries, service, views
from tongke.resources.licences import licence_of
from tongke.review import queries as reviews
from tongke_web.rendering import page, see_other
from tongke_web.resources.comparison import field_word, shown_value
from tongke_web.resources.files import files_url
from tongke_web.resources.media_view import media_views

router = APIRouter(prefix="/resources/{resource_id:uuid}/revisions")


@router.get("", name="resources:revisions")
def revisions(request: Request, db: Db, actor: CurrentActor, resource_id: UUID) -> Response:
    """Every revision the actor may read, newest first, with the decisions on them."""
    seen = queries.seen(db, actor, resource_id)
    rows = queries.revisions(db, actor, seen)
    return page(
        request,
        "resources/revisions.html",
        seen=seen,
        rows=rows,
        verdicts={v.number: v for v in reviews.verdicts(db, actor, seen)},
        may_edit=policy.may_edit(actor, seen.resource),
    )


@router.get("/compare", name="resources:compare")
def comparison(request: Request, db: Db, actor: CurrentActor, resource_id: UUID, before: int, after: int) -> Response:
    """What changed from one revision to another."""
    seen = queries.seen(db, actor, resource_id)
    older, newer = sorted((before, after))
    return page(
        request,
        "resources/compare.html",
        seen=seen,
        comparison=compare.compare(
            db, queries.revision(db, actor, seen, older), queries.revision(db, actor, seen, newer)
        ),
        field_word=field_word,
        shown_value=shown_value,
    )


@router.get("/{number}", name="resources:revision")
def revision(
    request: Request, db: Db, actor: CurrentActor, settings: CurrentSettings, resource_id: UUID, number: int
) -> Response:
    """One revision as it was."""
    seen = queries.seen(db, actor, resource_id)
    found = queries.revision(db, actor, seen, number)
    return page(
        request,
        "resources/revision.html",
        seen=seen,
        revision=found,
        media=media_views(settings, views.files(db, found), files_url(resource_id), is_past=True),
        alignments=views.alignments(db, found),
        licence=licence_of(found.licence),
        shown_value=shown_value,
        may_edit=policy.may_edit(actor, seen.resource),
    )


@router.post("/{number}/restoration", name="resources:restore")
def restore(request: Request, db: Db, actor: SignedIn, resource_id: UUID, number: int) -> Response:
    """Make a new draft with what an older revision held."""
    seen = queries.seen(db, actor, resource_id)
    if not policy.may_edit(actor, seen.resource):
        raise NotFound
    service.restore_revision(db, actor, seen.resource, number)
    done = say("已按第 {n} 版建立新草稿，检查后再提交。", n=number)
    return see_other(request, "resources:edit", resource_id=resource_id, done=done)
