"""One's own resources by state, one's favourites, and the reports of problems one has to answer."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from tongke.accounts.actor import Actor
from tongke.errors import Conflict, Invalid, TongkeError
from tongke.http.deps import Db, SignedIn
from tongke.i18n import say
from tongke.resources import lists, reports, service, vocabulary
from tongke.review import queries as reviews
from tongke_web.rendering import Pages, page, see_other
from tongke_web.resources.cards import cards_of

router = APIRouter(prefix="/me")
PAGE_SIZE = 20
PageNumber = Annotated[int, Query(ge=1, le=100_000, alias="page")]


@router.get("", name="me:resources")
def resources(request: Request, db: Db, actor: SignedIn, state: str = "", number: PageNumber = 1) -> Response:
    """What I made, by state, last saved first."""
    chosen = state if state in vocabulary.STATES else ""
    rows, total = lists.own(db, actor, state=chosen or None, page=number, page_size=PAGE_SIZE)
    counts = lists.own_counts(db, actor)
    return page(
        request,
        "me/resources.html",
        fragment="results",
        rows=rows,
        last_words=reviews.last_words(db, actor, [row.id for row in rows]),
        open_reports=reports.open_reports(db, actor),
        total=total,
        state=chosen,
        counts=[(name, words, counts[name]) for name, words in vocabulary.STATES.items() if counts.get(name)],
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=_address(request, "me:resources", {"state": chosen}),
    )


@router.get("/favourites", name="me:favourites")
def favourites(request: Request, db: Db, actor: SignedIn, number: PageNumber = 1) -> Response:
    """What I kept, last kept first; what can no longer be read is not shown."""
    rows, total = lists.favourites(db, actor, page=number, page_size=PAGE_SIZE)
    return page(
        request,
        "me/favourites.html",
        fragment="results",
        cards=cards_of(request, db, actor, rows),
        open_reports=reports.open_reports(db, actor),
        total=total,
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=_address(request, "me:favourites", {}),
    )


@router.get("/reports", name="me:reports")
def problem_reports(
    request: Request,
    db: Db,
    actor: SignedIn,
    closed: bool = False,
    resource: UUID | None = None,
    number: PageNumber = 1,
) -> Response:
    """What readers say is wrong with one's resources, or with those one looks after."""
    return _reports_page(request, db, actor, closed=closed, resource=resource, number=number)


def _reports_page(
    request: Request,
    db: Db,
    actor: Actor,
    *,
    closed: bool = False,
    resource: UUID | None = None,
    number: int = 1,
    error: TongkeError | None = None,
    answered: UUID | None = None,
    outcome: str = "",
) -> Response:
    rows, total = reports.reports(db, actor, closed=closed, resource_id=resource, page=number, page_size=PAGE_SIZE)
    return page(
        request,
        "me/reports.html",
        fragment="results",
        status=error.status if error else 200,
        rows=rows,
        total=total,
        closed=closed,
        kinds=vocabulary.PROBLEM_KINDS,
        open_reports=reports.open_reports(db, actor),
        error=error,
        answered=answered,
        outcome=outcome,
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=_address(request, "me:reports", {"closed": "true" if closed else "", "resource": str(resource or "")}),
    )


@router.post("/reports/{report_id}", name="me:close_report")
def close_report(
    request: Request, db: Db, actor: SignedIn, report_id: UUID, outcome: Annotated[str, Form(max_length=2000)] = ""
) -> Response:
    """Close a report with what came of it."""
    report = reports.report(db, actor, report_id)
    try:
        service.close_report(db, actor, report, outcome=_written(outcome))
    except (Invalid, Conflict) as error:
        return _reports_page(request, db, actor, error=error, answered=report_id, outcome=outcome)
    return see_other(request, "me:reports", done=say("已处理，记录在“已处理”里。"))


def _written(outcome: str) -> str:
    """The reader who reported it, and whoever looks later, want to know what came of it."""
    if not outcome.strip():
        missing = say("请写一句处理结果，例如“已改正第 3 页的答案”。")
        raise Invalid(missing, fields={"outcome": missing})
    return outcome


def _address(request: Request, name: str, asked: dict[str, str]) -> Callable[[int], str]:
    pages: Pages = request.app.state.pages
    return lambda number: pages.url(name, {**asked, "page": number})
