"""Importing people from a spreadsheet: upload, what is wrong in which line, import, codes to hand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from starlette.responses import Response

from tongke.accounts import queries
from tongke.accounts.actor import Actor
from tongke.accounts.models import Role, Roster, RosterState
from tongke.accounts.roster import desk
from tongke.accounts.roster.importing import Handout
from tongke.accounts.roster.reading import HEADINGS, written
from tongke.accounts.words import ROLES
from tongke.db import reading, transaction
from tongke.errors import TongkeError
from tongke.http.deps import CurrentPlatform, CurrentSettings, Db, Locale, SignedIn
from tongke.http.platform import Platform
from tongke_web.people.admin import TOLD_IN_FORM, Field, only_admins
from tongke_web.rendering import page, see_other

router = APIRouter(prefix="/admin/rosters")
SLIPS_A_PAGE = 200
_CODE_HEADINGS = ("姓名", "登录名", "角色", "学校代码", "学校", "一次性代码")


@router.get("", name="admin:rosters")
def rosters(request: Request, db: Db, actor: SignedIn) -> Response:
    """The form to upload a roster, and what was uploaded before."""
    only_admins(actor)
    return _list_page(request, db, actor)


def _list_page(
    request: Request, db: Db, actor: Actor, *, error: TongkeError | None = None, school: str = ""
) -> Response:
    return page(
        request,
        "people/rosters.html",
        fragment="form" if error else None,
        status=error.status if error else 200,
        rosters=desk.rosters(db, actor),
        may_choose_school=actor.role is not Role.SCHOOL_ADMIN,
        error=error,
        school=school,
    )


@router.get("/template.csv", name="admin:roster_template")
def template(actor: SignedIn) -> Response:
    """The headings alone: an example line would be imported one day."""
    only_admins(actor)
    return _csv([[headings[0] for headings in HEADINGS.values()]], "tongke-roster.csv")


@router.post("", name="admin:upload_roster")
def upload(
    request: Request,
    platform: CurrentPlatform,
    actor: SignedIn,
    file: UploadFile,
    school: Field = "",
    moves: Annotated[bool, Form()] = False,
) -> Response:
    """Check a file; nobody is imported yet."""
    content = file.file.read()
    try:
        with transaction(platform.engine) as db:
            place = queries.school_for(db, actor, school.strip())
            taken = desk.take(db, actor, content, file_name=file.filename or "", school=place, accepts_moves=moves)
            is_a_job = desk.begin(db, taken, RosterState.CHECKING)
    except TOLD_IN_FORM as error:
        with reading(platform.engine) as db:
            return _list_page(request, db, actor, error=error, school=school)
    return _worked_off(request, platform, taken.id, is_a_job=is_a_job)


def _worked_off(request: Request, platform: Platform, roster_id: UUID, *, is_a_job: bool) -> Response:
    if is_a_job:
        platform.wake()
    else:
        desk.work(platform.engine, roster_id, platform.settings.signing_key)
    return see_other(request, "admin:roster", roster_id=roster_id)


@router.get("/{roster_id}", name="admin:roster")
def roster_page(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, roster_id: UUID) -> Response:
    """How far the roster is: checked with its errors, being imported, or done with codes to hand out."""
    roster = desk.roster(db, actor, roster_id)
    report = roster.report
    refused = [(one["line"], one["name"], desk.told(one["reason"])) for one in report.get("refused", [])]
    waiting = desk.codes_of(db, roster, key=settings.signing_key) if roster.state == RosterState.IMPORTED else []
    return page(
        request,
        "people/roster.html",
        fragment="progress",
        roster=roster,
        counts=report.get("counts", {}),
        ignored=report.get("ignored", []),
        refused_count=report.get("refused_count", 0),
        refused=refused,
        failure=desk.told(report["failure"]) if "failure" in report else None,
        is_under_way=roster.state in (RosterState.CHECKING, RosterState.IMPORTING),
        waiting=len(waiting),
        slip_pages=range(1, -(-len(waiting) // SLIPS_A_PAGE) + 1),
    )


@router.post("/{roster_id}/import", name="admin:import_roster")
def import_roster(request: Request, platform: CurrentPlatform, actor: SignedIn, roster_id: UUID) -> Response:
    """Import everybody, or nobody when somebody else changed something meanwhile that a line now trips over."""
    with transaction(platform.engine) as db:
        roster = desk.roster(db, actor, roster_id)
        is_a_job = desk.confirm(db, actor, roster)
    return _worked_off(request, platform, roster_id, is_a_job=is_a_job)


@router.get("/{roster_id}/codes.csv", name="admin:roster_codes")
def codes(db: Db, actor: SignedIn, settings: CurrentSettings, locale: Locale, roster_id: UUID) -> Response:
    """The unused codes as a spreadsheet."""
    found = _waiting(db, actor, settings.signing_key, roster_id)[1]
    rows = [
        [one.name, one.sign_in_name, ROLES[one.role].in_locale(locale), one.school_code, one.school_name, one.code]
        for one in found
    ]
    return _csv([list(_CODE_HEADINGS), *rows], "tongke-codes.csv")


@router.get("/{roster_id}/slips", name="admin:roster_slips")
def slips(
    request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, roster_id: UUID, number: int = 1
) -> Response:
    """The unused codes as slips to print and cut."""
    roster, found = _waiting(db, actor, settings.signing_key, roster_id)
    begin = (max(1, number) - 1) * SLIPS_A_PAGE
    return page(
        request,
        "people/roster_slips.html",
        roster=roster,
        slips=found[begin : begin + SLIPS_A_PAGE],
        join_address=f"{settings.base_url}/join",
    )


def _waiting(db: Db, actor: Actor, key: bytes, roster_id: UUID) -> tuple[Roster, list[Handout]]:
    roster = desk.roster(db, actor, roster_id)
    return roster, desk.codes_of(db, roster, key=key)


def _csv(rows: Sequence[Sequence[str]], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(written(rows), headers=headers, media_type="text/csv; charset=utf-8")
