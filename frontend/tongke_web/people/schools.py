"""The schools an administrator looks after: the list, a school's form, closing."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from tongke.accounts import policy, queries, schools
from tongke.accounts.actor import Actor
from tongke.accounts.models import Locality, School, SchoolKind
from tongke.accounts.schools import URBAN_RURAL, SchoolFields
from tongke.errors import Invalid, TongkeError, require
from tongke.http.deps import Db, SignedIn
from tongke.i18n import say
from tongke_web.people.admin import PAGE_SIZE, TOLD_IN_FORM, Field, PageNumber, only_admins, paging
from tongke_web.rendering import page, see_other
from tongke_web.words import PLACE_WORDS

router = APIRouter(prefix="/admin/schools")


@router.get("", name="admin:schools")
def school_list(
    request: Request,
    db: Db,
    actor: SignedIn,
    q: str = "",
    kind: str = "",
    closed: bool = False,
    number: PageNumber = 1,
) -> Response:
    """The schools within reach, by name, code or kind; the closed ones by themselves."""
    only_admins(actor)
    found, total = schools.schools_in_reach(
        db, actor, text=q, kind=kind, is_closed=closed, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    asked = {"q": q, "kind": kind, "closed": "true" if closed else ""}
    return page(
        request,
        "people/schools.html",
        fragment="results",
        q=q,
        kind=kind,
        closed=closed,
        kinds=[("", say("全部类型")), *((k.value, k.value) for k in SchoolKind)],
        schools=found,
        region_names=queries.region_names(db, {s.region_code for s in found}),
        may_add=policy.may_administer_schools(actor, actor.reach),
        **paging(request, "admin:schools", total=total, number=number, asked=asked),
    )


def _picked(
    r2: Annotated[str, Form()] = "",
    r4: Annotated[str, Form()] = "",
    r6: Annotated[str, Form()] = "",
    r9: Annotated[str, Form()] = "",
) -> str:
    return schools.chosen_region((r2, r4, r6, r9))


def _picked_in_address(
    r2: Annotated[str, Query()] = "",
    r4: Annotated[str, Query()] = "",
    r6: Annotated[str, Query()] = "",
    r9: Annotated[str, Query()] = "",
) -> str:
    return schools.chosen_region((r2, r4, r6, r9))


Picked = Annotated[str, Depends(_picked)]
PickedInAddress = Annotated[str, Depends(_picked_in_address)]
_ENTERED = ("code", "name", "kind", "locality", "urban_rural_code", "bandwidth_kbps")


def _entered(request: Request, otherwise: dict[str, Any] | None = None) -> dict[str, Any]:
    """What stood in the form when another step of the region was asked for without scripts."""
    given = {name: request.query_params[name] for name in _ENTERED if name in request.query_params}
    return given or otherwise or {}


@router.get("/new", name="admin:new_school")
def new_school(request: Request, db: Db, actor: SignedIn, region: PickedInAddress) -> Response:
    """The form of a new school; each choice of a region brings the next step."""
    require(policy.may_administer_schools(actor, actor.reach), say("这个页面只对区域和平台管理员开放。"))
    return _form(request, db, actor, region=region, entered=_entered(request))


@router.post("/new", name="admin:add_school")
def add_school(
    request: Request,
    db: Db,
    actor: SignedIn,
    region: Picked,
    kind: Annotated[SchoolKind, Form()],
    locality: Annotated[Locality, Form()],
    code: Field = "",
    name: Field = "",
    urban_rural_code: Field = "",
    bandwidth_kbps: Field = "",
) -> Response:
    entered = {
        "code": code, "name": name, "kind": kind, "locality": locality, "urban_rural_code": urban_rural_code,
        "bandwidth_kbps": bandwidth_kbps,
    }  # fmt: skip
    try:
        school = schools.add(db, actor, _fields(region, entered))
    except TOLD_IN_FORM as error:
        return _form(request, db, actor, region=region, entered=entered, error=error)
    return see_other(request, "admin:schools", {"q": school.code}, done=say("已添加 {name}。", name=school.name))


@router.get("/{school_id}", name="admin:school")
def school_page(request: Request, db: Db, actor: SignedIn, school_id: UUID, region: PickedInAddress) -> Response:
    """One school: what is known of it, to correct; closing and opening again."""
    school = schools.school_in_reach(db, actor, school_id)
    known = {name: getattr(school, name) for name in _ENTERED}
    return _form(
        request, db, actor, school=school, region=region or school.region_code, entered=_entered(request, known)
    )


@router.post("/{school_id}", name="admin:change_school")
def change_school(
    request: Request,
    db: Db,
    actor: SignedIn,
    school_id: UUID,
    region: Picked,
    kind: Annotated[SchoolKind, Form()],
    locality: Annotated[Locality, Form()],
    name: Field = "",
    urban_rural_code: Field = "",
    bandwidth_kbps: Field = "",
) -> Response:
    school = schools.school_in_reach(db, actor, school_id)
    entered = {
        "code": school.code, "name": name, "kind": kind, "locality": locality, "urban_rural_code": urban_rural_code,
        "bandwidth_kbps": bandwidth_kbps,
    }  # fmt: skip
    try:
        schools.change(db, actor, school, _fields(region or school.region_code, entered))
    except TOLD_IN_FORM as error:
        return _form(request, db, actor, school=school, region=region, entered=entered, error=error)
    return see_other(request, "admin:school", school_id=school_id, done=say("已保存。"))


@router.post("/{school_id}/closing", name="admin:close_school")
def close_school(request: Request, db: Db, actor: SignedIn, school_id: UUID, reason: Field = "") -> Response:
    school = schools.school_in_reach(db, actor, school_id)
    schools.close(db, actor, school, reason=reason)
    return see_other(request, "admin:schools", done=say("{name} 已关闭。", name=school.name))


@router.post("/{school_id}/reopening", name="admin:reopen_school")
def reopen_school(request: Request, db: Db, actor: SignedIn, school_id: UUID) -> Response:
    school = schools.school_in_reach(db, actor, school_id)
    schools.reopen(db, actor, school)
    return see_other(request, "admin:school", school_id=school_id, done=say("{name} 已重新开放。", name=school.name))


def _fields(region: str, entered: dict[str, Any]) -> SchoolFields:
    bandwidth = str(entered["bandwidth_kbps"] or "").strip()
    if bandwidth and not (bandwidth.isascii() and bandwidth.isdigit() and len(bandwidth) <= 7):  # noqa: PLR2004
        message = say("请填写整数。")
        raise Invalid(message, fields={"bandwidth_kbps": message})
    return SchoolFields(
        code=entered["code"],
        name=entered["name"],
        kind=entered["kind"],
        locality=entered["locality"],
        region_code=region,
        urban_rural_code=entered["urban_rural_code"].strip(),
        bandwidth_kbps=int(bandwidth) if bandwidth else None,
    )


def _form(
    request: Request,
    db: Db,
    actor: Actor,
    *,
    region: str,
    entered: dict[str, Any],
    school: School | None = None,
    error: TongkeError | None = None,
) -> Response:
    reach = school.region_code if school and not actor.reach else actor.reach or ""
    may_move = policy.may_administer_schools(actor, region or actor.reach)
    return page(
        request,
        "people/school.html",
        fragment="region" if "narrow" in request.query_params else "form",
        status=error.status if error else 200,
        school=school,
        steps=schools.region_steps(db, region, within=reach if not may_move or actor.reach else ""),
        may_close=school is not None and policy.may_administer_schools(actor, school.region_code),
        entered=entered,
        kinds=[(k.value, k.value) for k in SchoolKind],
        localities=[(k.value, PLACE_WORDS[k]) for k in Locality],
        classes=[("", "—"), *((code, f"{code} {words}") for code, words in URBAN_RURAL.items())],
        error=error,
    )
