"""The people an administrator looks after: the list, and inviting one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tongke.accounts import codes, letters, policy, queries, service
from tongke.accounts.actor import Actor
from tongke.accounts.codes import Slip
from tongke.accounts.models import CodePurpose, Role
from tongke.accounts.words import ROLES
from tongke.errors import TongkeError
from tongke.http.deps import CurrentSettings, Db, SignedIn
from tongke.i18n import say
from tongke_web.people.admin import PAGE_SIZE, TOLD_IN_FORM, Field, PageNumber, only_admins, paging
from tongke_web.rendering import page

router = APIRouter(prefix="/admin/people")
STATES = (("", say("全部")), ("waiting", say("还没有登录过")), ("suspended", say("已停用")))


@router.get("", name="admin:people")
def people(
    request: Request, db: Db, actor: SignedIn, q: str = "", at: str = "", state: str = "", number: PageNumber = 1
) -> Response:
    """The people within reach, at one school if asked, and a form to invite one."""
    only_admins(actor)
    return _people_page(request, db, actor, q=q, at=at.strip(), state=state, number=number)


def _people_page(
    request: Request,
    db: Db,
    actor: Actor,
    *,
    q: str = "",
    at: str = "",
    state: str = "",
    number: int = 1,
    error: TongkeError | None = None,
    entered: dict[str, str] | None = None,
) -> Response:
    found, total = queries.people_in_reach(
        db, actor, text=q, school=at, state=state, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    asked = {"q": q, "at": at, "state": state}
    return page(
        request,
        "people/people.html",
        fragment="form" if error else "results",
        status=error.status if error else 200,
        q=q,
        at=at,
        state=state,
        states=STATES,
        people=found,
        roles=[(role.value, ROLES[role]) for role in policy.roles_to_grant(actor) if role is not Role.PUPIL],
        role_words={role.value: word for role, word in ROLES.items()},
        may_choose_school=actor.role is not Role.SCHOOL_ADMIN,
        error=error,
        entered=entered or {},
        **paging(request, "admin:people", total=total, number=number, asked=asked),
    )


@router.post("", name="admin:add_person")
def add_person(
    request: Request,
    db: Db,
    actor: SignedIn,
    settings: CurrentSettings,
    role: Annotated[Role, Form()],
    email: Field = "",
    name: Field = "",
    school: Field = "",
) -> Response:
    """Invite a person: by e-mail where that works, and by a slip with a one-time code in any case."""
    only_admins(actor)
    try:
        place = queries.school_for(db, actor, school.strip())
        user = service.invite(db, actor, email=email, name=name, role=role, school=place)
    except TOLD_IN_FORM as error:
        entered = {"email": email, "name": name, "role": role.value, "school": school}
        return _people_page(request, db, actor, error=error, entered=entered)
    slip = codes.issue(db, user, CodePurpose.INVITATION, key=settings.signing_key, made_by=actor.user_id)
    is_posted = letters.invite_by_mail(db, user, slip, settings)
    return slips_page(request, [slip], posted_to=user.email if is_posted else "", back=("admin:person", user.id))


def slips_page(
    request: Request, slips: list[Slip], *, posted_to: str = "", back: tuple[str, UUID | None] = ("admin:people", None)
) -> Response:
    """Slips to print and cut: each is shown this once."""
    settings = request.app.state.platform.settings
    return page(
        request,
        "people/slips.html",
        slips=slips,
        posted_to=posted_to,
        back=back,
        join_address=f"{settings.base_url}/join",
    )
