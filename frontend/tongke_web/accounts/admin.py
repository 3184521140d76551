"""What administrators do with schools and people."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from math import ceil
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from tongke.accounts import policy, queries, service
from tongke.accounts.actor import Actor
from tongke.accounts.models import Locality, Role, SchoolKind
from tongke.accounts.words import ROLES
from tongke.errors import Conflict, Forbidden, Invalid, TongkeError, require
from tongke.http.deps import Db, SignedIn
from tongke.i18n import say
from tongke_web.rendering import Pages, page, see_other
from tongke_web.words import PLACE_WORDS

router = APIRouter(prefix="/admin")
Field = Annotated[str, Form()]
PageNumber = Annotated[int, Query(ge=1, le=100_000, alias="page")]
PAGE_SIZE = 50
TOLD_IN_FORM = (Invalid, Conflict, Forbidden)


def _page_address(request: Request, name: str, **asked: str) -> Callable[[int], str]:
    pages: Pages = request.app.state.pages
    return lambda number: pages.url(name, {**asked, "page": number})


@router.get("", name="admin:home")
def home(request: Request, actor: SignedIn) -> Response:
    _only_admins(actor)
    return see_other(request, "admin:people")


def _only_admins(actor: Actor) -> None:
    require(policy.may_see_people(actor), say("这个页面只对管理员开放。"))


@router.get("/schools", name="admin:schools")
def schools(request: Request, db: Db, actor: SignedIn, q: str = "", number: PageNumber = 1) -> Response:
    """The schools within reach, and for region and platform admins a form to add one."""
    _only_admins(actor)
    return _schools_page(request, db, actor, q=q, number=number)


def _schools_page(
    request: Request,
    db: Db,
    actor: Actor,
    *,
    q: str = "",
    number: int = 1,
    error: TongkeError | None = None,
    entered: dict[str, str] | None = None,
) -> Response:
    reach = actor.reach if actor.reach is not None else "-"
    found, total = queries.schools(db, text=q, region=reach, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return page(
        request,
        "accounts/schools.html",
        fragment="form" if error else "results",
        status=error.status if error else 200,
        q=q,
        schools=found,
        region_names=queries.region_names(db, {s.region_code for s in found}),
        total=total,
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=_page_address(request, "admin:schools", q=q),
        kinds=[(k.value, k.value) for k in SchoolKind],
        localities=[(k.value, PLACE_WORDS[k]) for k in Locality],
        may_add=policy.may_administer_schools(actor, actor.reach),
        error=error,
        entered=entered or {},
    )


@router.post("/schools", name="admin:add_school")
def add_school(
    request: Request,
    db: Db,
    actor: SignedIn,
    kind: Annotated[SchoolKind, Form()],
    locality: Annotated[Locality, Form()],
    code: Field = "",
    name: Field = "",
    region: Field = "",
) -> Response:
    try:
        school = service.add_school(
            db, actor, code=code, name=name, kind=kind, locality=locality, region_code=region.strip()
        )
    except TOLD_IN_FORM as error:
        entered = {"code": code, "name": name, "region": region, "kind": kind, "locality": locality}
        return _schools_page(request, db, actor, error=error, entered=entered)
    return see_other(request, "admin:schools", done=say("已添加 {name}。", name=school.name))


@router.get("/people", name="admin:people")
def people(request: Request, db: Db, actor: SignedIn, q: str = "", at: str = "", number: PageNumber = 1) -> Response:
    """The people within reach, at one school if asked, and a form to add one."""
    _only_admins(actor)
    return _people_page(request, db, actor, q=q, at=at.strip(), number=number)


def _people_page(
    request: Request,
    db: Db,
    actor: Actor,
    *,
    q: str = "",
    at: str = "",
    number: int = 1,
    error: TongkeError | None = None,
    entered: dict[str, str] | None = None,
    made: dict[str, str] | None = None,
) -> Response:
    found, total = queries.people_in_reach(
        db, actor, text=q, school=at, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    return page(
        request,
        "accounts/people.html",
        fragment="form" if error or made else "results",
        status=error.status if error else 200,
        q=q,
        at=at,
        people=found,
        total=total,
        number=number,
        pages=max(1, ceil(total / PAGE_SIZE)),
        address=_page_address(request, "admin:people", q=q, at=at),
        grantable={role.value for role in policy.roles_to_grant(actor)},
        roles=[(role.value, ROLES[role]) for role in policy.roles_to_grant(actor)],
        role_words={role.value: word for role, word in ROLES.items()},
        may_choose_school=not actor.is_a(Role.SCHOOL_ADMIN),
        error=error,
        entered=entered or {},
        made=made,
    )


@router.post("/people", name="admin:add_person")
def add_person(
    request: Request,
    db: Db,
    actor: SignedIn,
    role: Annotated[Role, Form()],
    email: Field = "",
    name: Field = "",
    school: Field = "",
) -> Response:
    """Create an account with a made-up first password, shown once to hand over."""
    _only_admins(actor)
    entered = {"email": email, "name": name, "role": role.value, "school": school}
    password = secrets.token_urlsafe(7)
    try:
        place = queries.school_for(db, actor, school.strip())
        user = service.invite(db, actor, email=email, name=name, password=password, role=role, school=place)
    except TOLD_IN_FORM as error:
        return _people_page(request, db, actor, error=error, entered=entered)
    made = {"name": user.name, "email": user.email, "password": password}
    return _people_page(request, db, actor, made=made)


@router.post("/people/{user_id}/suspension", name="admin:suspend")
def suspend(request: Request, db: Db, actor: SignedIn, user_id: UUID) -> Response:
    user = queries.person_in_reach(db, actor, user_id)
    service.suspend(db, actor, user)
    return see_other(request, "admin:people", done=say("{name} 已停用，登录立即失效。", name=user.name))


@router.post("/people/{user_id}/reinstatement", name="admin:reinstate")
def reinstate(request: Request, db: Db, actor: SignedIn, user_id: UUID) -> Response:
    user = queries.person_in_reach(db, actor, user_id)
    service.reinstate(db, actor, user)
    return see_other(request, "admin:people", done=say("{name} 已恢复。", name=user.name))


@router.post("/people/{user_id}/password", name="admin:reset_password")
def reset_password(request: Request, db: Db, actor: SignedIn, user_id: UUID) -> Response:
    """Give a person a new made-up password, shown once to hand over."""
    user = queries.person_in_reach(db, actor, user_id)
    password = secrets.token_urlsafe(7)
    service.reset_password(db, actor, user, password)
    return _people_page(request, db, actor, made={"name": user.name, "email": user.email, "password": password})
