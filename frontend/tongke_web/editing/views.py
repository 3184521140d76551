"""Writing a draft: the form, saved as one types, and its submission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.datastructures import FormData
from starlette.responses import PlainTextResponse, Response

from tongke.accounts.actor import Actor
from tongke.config import Settings
from tongke.curriculum import bookshelf
from tongke.db import now
from tongke.errors import Conflict, Invalid, NotFound, TongkeError
from tongke.http.deps import CurrentSettings, Db, SignedIn, locale_of
from tongke.i18n import Text, say
from tongke.media.models import Asset
from tongke.media.queries import assets_of
from tongke.media.uploads import limit_of
from tongke.resources import policy, queries, service, views, vocabulary
from tongke.resources.completeness import advice
from tongke.resources.licences import LICENCES
from tongke.resources.models import LearningResource, RevisionState, Standing, Visibility
from tongke.resources.schemas import draft_fields
from tongke.review import queries as reviews
from tongke.review import service as review
from tongke_web.editing.form import SAID_AT, fields_of
from tongke_web.editing.placing import PLACE_FIELDS
from tongke_web.formats import CHINA
from tongke_web.rendering import page, see_other
from tongke_web.resources.comparison import FIELDS
from tongke_web.resources.files import files_url
from tongke_web.resources.media_view import media_views

router = APIRouter(prefix="/resources/{resource_id:uuid}")
TOLD_IN_FORM = (Invalid, Conflict)
SEEN_BY: dict[str, Text] = {
    Visibility.PUBLIC: say("不登录也能看、能下载。推荐：村里的老师常常没有账号。"),
    Visibility.REGION: say("您所在区县的老师登录后能看到。"),
    Visibility.SCHOOL: say("您学校的老师登录后能看到。"),
    Visibility.PRIVATE: say("只有您自己。提交后，审核人也会看到。"),
}


async def form_of(request: Request) -> FormData:
    """The form as sent, read before the handler's thread and transaction begin."""
    return await request.form(max_fields=400)


SentForm = Annotated[FormData, Depends(form_of)]


def own_resource(db: Db, actor: SignedIn, resource_id: UUID) -> LearningResource:
    """A resource the actor may change; raises ``NotFound``.

    Asked for in the handler, not as a dependency: a transaction must not wait for another thread (http/one_thread.py).
    """
    resource = queries.visible(db, actor, resource_id)
    if not policy.may_edit(actor, resource):
        raise NotFound
    return resource


def own_assets(db: Db, actor: Actor, asset_ids: Sequence[UUID]) -> list[Asset]:
    """Files that came with a form that could not be done: they need not be sent again."""
    return [asset for asset in assets_of(db, asset_ids) if asset.owner_id == actor.user_id]


@router.get("/edit", name="resources:edit")
def edit(
    request: Request,
    db: Db,
    actor: SignedIn,
    settings: CurrentSettings,
    resource_id: UUID,
    filled: Annotated[list[str] | None, Query()] = None,
) -> Response:
    """The form of the draft; of a settled revision, the form that will start the next one.

    ``filled`` names the fields a chapter just filled, to say so and to offer to take it back.
    """
    resource = own_resource(db, actor, resource_id)
    return edit_page(request, db, actor, settings, resource.id, filled=filled or ())


def edit_page(
    request: Request,
    db: Db,
    actor: Actor,
    settings: Settings,
    resource_id: UUID,
    *,
    error: TongkeError | None = None,
    entered: dict[str, Any] | None = None,
    filled: Sequence[str] = (),
    taken: Sequence[UUID] = (),
) -> Response:
    """The form with what is kept, or with what was entered when it came back with ``error``."""
    view = views.detail(db, actor, resource_id, pending=True)
    revision = view.revision
    main = [f.file for f in view.files if f.is_main]
    return page(
        request,
        "editing/edit.html",
        status=error.status if error else 200,
        view=view,
        revision=revision,
        value={**revision.model_dump(), **(entered or {})},
        media=media_views(settings, view.files, files_url(resource_id)),
        kept_titles={f.asset.id: f.file.title for f in view.files},
        filenames={f.asset.id: f.asset.filename for f in view.files},
        captions=[f.file for f in view.files if not f.is_main],
        is_draft=revision.state == RevisionState.DRAFT,
        is_locked=revision.state in (RevisionState.SUBMITTED, RevisionState.IN_REVIEW),
        may_submit=view.resource.standing == Standing.ACTIVE,
        verdict=next(iter(reviews.verdicts(db, actor, view.seen)), None),
        advice=advice(revision, main, [a.alignment for a in view.alignments]),
        choices=bookshelf.choices(db),
        vocabulary=vocabulary,
        licences=[(code, licence.name, licence.explanation) for code, licence in LICENCES.items()],
        visibilities=[(value, words, SEEN_BY[value]) for value, words in vocabulary.VISIBILITIES.items()],
        relations=vocabulary.RELATIONS,
        filled=[(name, FIELDS[name]) for name in PLACE_FIELDS if name in filled],
        field_words=FIELDS,
        limit_bytes=limit_of(actor, settings),
        kept=own_assets(db, actor, taken),
        error=error,
        errors={SAID_AT.get(name, name): words for name, words in error.fields.items()} if error else {},
    )


@router.post("/edit", name="resources:save")
def save(
    request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID, form: SentForm
) -> Response:
    """Keep the form in the draft; the browser does so by itself while one types."""
    resource = own_resource(db, actor, resource_id)
    is_quiet = request.headers.get("hx-request") == "true"
    entered = fields_of(form)
    try:
        service.save_draft(db, actor, resource, draft_fields(entered))
    except TOLD_IN_FORM as error:
        if is_quiet:
            return PlainTextResponse(error.message.in_locale(locale_of(request)), error.status)
        return edit_page(request, db, actor, settings, resource.id, error=error, entered=entered)
    if is_quiet:
        saved = say("已保存 {time}", time=f"{now().astimezone(CHINA):%H:%M}")
        return PlainTextResponse(saved.in_locale(locale_of(request)))
    return see_other(request, "resources:edit", resource_id=resource.id, done=say("草稿已保存。"))


@router.post("/edit/submission", name="resources:submit")
def submit(
    request: Request,
    db: Db,
    actor: SignedIn,
    settings: CurrentSettings,
    resource_id: UUID,
    commitment: Annotated[bool, Form()] = False,
) -> Response:
    """Hand the draft in for review, with the commitment."""
    resource = own_resource(db, actor, resource_id)
    try:
        with db.begin_nested():  # a refused submission leaves no new revision behind
            review.submit(db, actor, resource, commitment=commitment)
    except TOLD_IN_FORM as error:
        return edit_page(request, db, actor, settings, resource.id, error=error)
    done = say("已提交审核。通过前，读者看到的还是原来的版本；结果会显示在“我的”里。")
    return see_other(request, "resources:detail", {"pending": "true"}, resource_id=resource.id, done=done)


@router.post("/edit/discard", name="resources:discard")
def discard(request: Request, db: Db, actor: SignedIn, resource_id: UUID) -> Response:
    """Give the draft up; what is published stays as it is."""
    resource = own_resource(db, actor, resource_id)
    stays = service.discard_draft(db, actor, resource)
    if stays:
        done = say("草稿已删除，其他版本不变。")
        return see_other(request, "resources:detail", resource_id=resource.id, done=done)
    return see_other(request, "me:resources", done=say("草稿已删除。"))
