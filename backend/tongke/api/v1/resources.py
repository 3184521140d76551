"""Resources for programs: create, read, change, submit, publish, withdraw (docs/api.md)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from sqlmodel import Session

from tongke.accounts.actor import Actor
from tongke.api.v1.resources_out import Addresses, resource_line, resource_out
from tongke.api.v1.schemas import (
    NewResource,
    Publication,
    ResourceChange,
    ResourceList,
    ResourceOut,
    Submission,
    Withdrawal,
    problems,
)
from tongke.api.v1.search_parameters import SEARCH_PARAMETERS
from tongke.discovery import service as discovery
from tongke.discovery.query import ResourceQuery
from tongke.http.deps import CurrentActor, CurrentSettings, Db, Locale, Search, SignedIn, Store, needs_scope
from tongke.http.one_thread import OneThreadRoute
from tongke.resources import queries, service, views
from tongke.resources.alignments import FrameworkCodes
from tongke.resources.models import LearningResource
from tongke.resources.schemas import AlignmentWish
from tongke.review import service as review

router = APIRouter(prefix="/resources", tags=["resources"], route_class=OneThreadRoute)
WRITES, REVIEWS = [needs_scope("write")], [needs_scope("review")]


@router.get("", name="api:resources", responses=problems(422), openapi_extra=SEARCH_PARAMETERS)
def search_resources(
    request: Request, session: Db, search: Search, actor: CurrentActor, settings: CurrentSettings, locale: Locale
) -> ResourceList:
    """Search and browse what the asker may see; open to anybody.

    Multi-valued parameters repeat: one of the values of each must hold. Past the end the page is empty.
    """
    found = discovery.find(session, search, actor, ResourceQuery.of(request.query_params.multi_items()))
    addresses = Addresses(settings)
    return ResourceList(
        items=[resource_line(row, addresses) for row in found.rows],
        total=found.total,
        total_is_exact=found.total_is_exact,
        facets=found.facets,
        page=found.query.page,
        page_size=found.query.page_size,
        notice=found.notice.in_locale(locale) if found.notice else None,
    )


@router.post(
    "",
    status_code=201,
    name="api:resource_create",
    dependencies=WRITES,
    responses=problems(401, 403, 409, 422),
)
def create_resource(
    session: Db, actor: SignedIn, settings: CurrentSettings, response: Response, body: NewResource
) -> ResourceOut:
    """Create a draft; its files are ids that uploads answered with (`Tongke-Asset`)."""
    resource = service.create_draft(session, actor, body, external_id=body.external_id).resource
    _set_parts(session, actor, resource, body)
    answer = _answer(session, actor, settings, resource.id)
    response.headers["Location"] = f"/api/v1/resources/{resource.id}"
    return answer


@router.get("/{resource_id}", name="api:resource", responses=problems(404))
def read_resource(session: Db, actor: CurrentActor, settings: CurrentSettings, resource_id: UUID) -> ResourceOut:
    """What the asker may see of a resource; open to anybody for what is public."""
    return _answer(session, actor, settings, resource_id)


@router.patch(
    "/{resource_id}",
    name="api:resource_change",
    dependencies=WRITES,
    responses=problems(401, 403, 404, 409, 422),
)
def change_resource(
    session: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID, body: ResourceChange
) -> ResourceOut:
    """Change the draft; on a published resource, open a pending revision while the published one stays."""
    resource = queries.visible(session, actor, resource_id)
    service.save_draft(session, actor, resource, body)
    _set_parts(session, actor, resource, body)
    return _answer(session, actor, settings, resource_id)


@router.delete(
    "/{resource_id}",
    status_code=204,
    name="api:resource_delete",
    dependencies=WRITES,
    responses=problems(401, 403, 404, 409),
)
def delete_resource(session: Db, actor: SignedIn, resource_id: UUID) -> None:
    """Delete what is not published; a published resource is withdrawn first."""
    service.delete(session, actor, queries.visible(session, actor, resource_id))


@router.post(
    "/{resource_id}/submission",
    name="api:resource_submit",
    dependencies=WRITES,
    responses=problems(401, 403, 404, 409, 422),
)
def submit_resource(
    session: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID, body: Submission
) -> ResourceOut:
    """Hand the draft in for review, with the commitment."""
    resource = queries.visible(session, actor, resource_id)
    review.submit(session, actor, resource, commitment=body.commitment)
    return _answer(session, actor, settings, resource_id)


@router.post(
    "/{resource_id}/publication",
    name="api:resource_decide",
    dependencies=REVIEWS,
    responses=problems(401, 403, 404, 409, 422),
)
def decide_on_resource(
    session: Db,
    actor: SignedIn,
    settings: CurrentSettings,
    store: Store,
    resource_id: UUID,
    body: Annotated[Publication | None, Body()] = None,
) -> ResourceOut:
    """Decide as a reviewer; claims the revision in the same step when nobody has."""
    wish = body or Publication()
    seen = queries.seen(session, actor, resource_id)
    decided = review.decide(
        session, actor, store, seen.resource, decision=wish.decision, comment=wish.comment, checklist=wish.checklist
    )
    # The reviewer is told the outcome even where the published lesson is for others, a school's own for instance.
    published = queries.published_revision(session, seen.resource)
    outcome = queries.Seen(seen.resource, published, decided, None)
    return resource_out(views.complete(session, actor, outcome), Addresses(settings))


@router.post(
    "/{resource_id}/withdrawal",
    name="api:resource_withdraw",
    dependencies=WRITES,
    responses=problems(401, 403, 404, 409, 422),
)
def withdraw_resource(
    session: Db, actor: SignedIn, settings: CurrentSettings, resource_id: UUID, body: Withdrawal
) -> ResourceOut:
    """Hide one's published resource everywhere at once."""
    service.withdraw(session, actor, queries.visible(session, actor, resource_id), reason=body.reason)
    return _answer(session, actor, settings, resource_id)


def _set_parts(session: Session, actor: Actor, resource: LearningResource, body: NewResource | ResourceChange) -> None:
    """Set the files and alignments that were sent."""
    if "assets" in body.model_fields_set:
        service.set_files(session, actor, resource, body.assets)
    if "alignments" in body.model_fields_set:
        _align(session, actor, resource, body.alignments)


def _align(session: Session, actor: Actor, resource: LearningResource, wishes: list[AlignmentWish]) -> None:
    codes = FrameworkCodes()
    codes.learn(session, wishes)
    service.set_alignments(session, actor, resource, codes.ties(wishes))


def _answer(session: Session, actor: Actor, settings: CurrentSettings, resource_id: UUID) -> ResourceOut:
    session.flush()  # what is read below may have been changed in this request
    return resource_out(views.detail(session, actor, resource_id), Addresses(settings))
