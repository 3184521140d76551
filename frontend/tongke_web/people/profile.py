"""What somebody shared, as far as the reader may see it; and for oneself, who took it up."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongke.accounts import queries
from tongke.errors import NotFound
from tongke.http.deps import CurrentActor, Db, SignedIn
from tongke.resources import lists, reports
from tongke.resources.impact import impact_of
from tongke_web.people.admin import PageNumber, paging
from tongke_web.rendering import page
from tongke_web.resources.cards import cards_of

router = APIRouter()


@router.get("/people/{user_id}", name="people:profile")
def profile(request: Request, db: Db, actor: CurrentActor, user_id: UUID, number: PageNumber = 1) -> Response:
    """A person exists for a reader by what they shared with that reader; nobody else learns of the account."""
    rows, total = lists.of_person(db, actor, user_id, page=number, page_size=50)
    if not total and user_id != actor.user_id:
        raise NotFound
    name, schools = queries.shown_person(db, user_id)
    request_paging = paging(request, "people:profile", total=total, number=number, asked={})
    pages = request.app.state.pages
    request_paging["address"] = lambda n: pages.url("people:profile", {"page": n}, user_id=user_id)
    return page(
        request,
        "people/profile.html",
        fragment="results",
        name=name,
        schools=schools,
        cards=cards_of(request, db, actor, rows),
        **request_paging,
    )


@router.get("/me/impact", name="own:impact")
def impact(request: Request, db: Db, actor: SignedIn) -> Response:
    """How often what I shared was used, by which schools, month by month."""
    return page(
        request, "people/impact.html", impact=impact_of(db, actor), open_reports=reports.open_reports(db, actor)
    )
