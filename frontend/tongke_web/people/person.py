"""One person, as their administrator sees them: schools, ranks, one-time codes, suspension."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tongke.accounts import codes, letters, memberships, policy, queries, ranks, service
from tongke.accounts.actor import Actor
from tongke.accounts.models import Role, School, User
from tongke.accounts.words import ROLES
from tongke.db import today
from tongke.errors import Invalid, TongkeError
from tongke.http.deps import CurrentSettings, Db, SignedIn
from tongke.i18n import Text, say
from tongke_web.people.admin import TOLD_IN_FORM, Field, date_of
from tongke_web.people.people import slips_page
from tongke_web.rendering import page, see_other

router = APIRouter(prefix="/admin/people/{user_id}")


@router.get("", name="admin:person")
def person(request: Request, db: Db, actor: SignedIn, user_id: UUID) -> Response:
    return _person_page(request, db, actor, queries.person_in_reach(db, actor, user_id))


def _person_page(
    request: Request, db: Db, actor: Actor, user: User, *, error: TongkeError | None = None, form: str = ""
) -> Response:
    highest, region = ranks.highest_of(db, user)
    may_change = policy.may_look_after(actor, highest, region) and user.id != actor.user_id
    lent = [Role.REVIEWER, Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN]
    grantable = [r for r in Role if policy.may_grant(actor, r) or r is actor.role is Role.REGION_ADMIN]
    grants = ranks.unended(db, user)
    return page(
        request,
        "people/person.html",
        status=error.status if error else 200,
        user=user,
        today=today(),
        may_change=may_change,
        memberships=memberships.memberships_of(db, user),
        may_administer=lambda school: policy.may_administer_school(actor, school),
        grants=grants,
        schools_of_grants=queries.schools_by_id(db, {g.school_id for g in grants if g.school_id}),
        role_words={role.value: word for role, word in ROLES.items()},
        standing=[(r.value, ROLES[r]) for r in grantable if r is not Role.PUPIL],
        lendable=[(r.value, ROLES[r]) for r in grantable if r in lent],
        error=error,
        form=form,
    )


def _school(db: Db, actor: Actor, code: str) -> School | None:
    return queries.school_for(db, actor, code.strip())


def _done(request: Request, user: User, words: Text) -> Response:
    return see_other(request, "admin:person", user_id=user.id, done=words)


@router.post("/memberships", name="admin:join")
def join(
    request: Request,
    db: Db,
    actor: SignedIn,
    user_id: UUID,
    do: Annotated[str, Form(pattern="^(join|move)$")],
    school: Field = "",
    since: Field = "",
    until: Field = "",
) -> Response:
    """Place the person at a second school, or move them there."""
    user = queries.person_in_reach(db, actor, user_id)
    try:
        place = _school(db, actor, school)
        if place is None:
            raise Invalid(say("请选择学校。"), fields={"school": say("请选择学校。")})
        begins = date_of(since, "since", otherwise=today()) or today()
        if do == "move":
            memberships.move(db, actor, user, place, since=begins)
        else:
            memberships.join(db, actor, user, place, since=begins, until=date_of(until, "until"))
    except TOLD_IN_FORM as error:
        return _person_page(request, db, actor, user, error=error, form="join")
    return _done(request, user, say("已保存。"))


@router.post("/memberships/{membership_id}/end", name="admin:leave")
def leave(
    request: Request, db: Db, actor: SignedIn, user_id: UUID, membership_id: UUID, last_day: Field = ""
) -> Response:
    """End a membership now, or at the end of a day; whoever leaves the reach is not shown any more."""
    user = queries.person_in_reach(db, actor, user_id)
    try:
        memberships.leave(db, actor, user, membership_id, last_day=date_of(last_day, "last_day"))
    except TOLD_IN_FORM as error:
        return _person_page(request, db, actor, user, error=error, form="leave")
    return see_other(request, "admin:people", done=say("已保存。"))


@router.post("/role", name="admin:role")
def role(
    request: Request,
    db: Db,
    actor: SignedIn,
    user_id: UUID,
    role: Annotated[Role, Form()],
    school: Field = "",
    region: Field = "",
) -> Response:
    user = queries.person_in_reach(db, actor, user_id)
    try:
        ranks.change_role(db, actor, user, role, school=_school(db, actor, school), region_code=region.strip())
    except TOLD_IN_FORM as error:
        return _person_page(request, db, actor, user, error=error, form="role")
    return _done(request, user, say("已保存。"))


@router.post("/grants", name="admin:grant")
def grant(
    request: Request,
    db: Db,
    actor: SignedIn,
    user_id: UUID,
    role: Annotated[Role, Form()],
    school: Field = "",
    region: Field = "",
    since: Field = "",
    until: Field = "",
) -> Response:
    user = queries.person_in_reach(db, actor, user_id)
    try:
        ranks.grant(
            db,
            actor,
            user,
            role,
            since=date_of(since, "since", otherwise=today()) or today(),
            until=date_of(until, "until"),
            school=_school(db, actor, school),
            region_code=region.strip(),
        )
    except TOLD_IN_FORM as error:
        return _person_page(request, db, actor, user, error=error, form="grant")
    return _done(request, user, say("已保存。"))


@router.post("/grants/{grant_id}/end", name="admin:revoke")
def revoke(request: Request, db: Db, actor: SignedIn, user_id: UUID, grant_id: UUID) -> Response:
    user = queries.person_in_reach(db, actor, user_id)
    ranks.revoke(db, actor, user, grant_id)
    return _done(request, user, say("职责已经收回。"))


@router.post("/code", name="admin:code")
def code(request: Request, db: Db, actor: SignedIn, settings: CurrentSettings, user_id: UUID) -> Response:
    """A slip with a one-time code for a new password; posted as well when the person was never here."""
    user = queries.person_in_reach(db, actor, user_id)
    is_new = user.password_hash is None
    slip = codes.hand_out(db, actor, user, key=settings.signing_key)
    posted = user.email if is_new and letters.invite_by_mail(db, user, slip, settings) else ""
    return slips_page(request, [slip], posted_to=posted, back=("admin:person", user.id))


@router.post("/suspension", name="admin:suspend")
def suspend(request: Request, db: Db, actor: SignedIn, user_id: UUID, reason: Field = "") -> Response:
    user = queries.person_in_reach(db, actor, user_id)
    service.suspend(db, actor, user, reason=reason)
    return _done(request, user, say("{name} 已停用，登录立即失效。", name=user.name))


@router.post("/reinstatement", name="admin:reinstate")
def reinstate(request: Request, db: Db, actor: SignedIn, user_id: UUID) -> Response:
    user = queries.person_in_reach(db, actor, user_id)
    service.reinstate(db, actor, user)
    return _done(request, user, say("{name} 已恢复。", name=user.name))


@router.post("/sign-outs", name="admin:sign_out_everywhere")
def sign_out_everywhere(request: Request, db: Db, actor: SignedIn, user_id: UUID) -> Response:
    """End every sign-in of the person: a lost telephone, a forgotten computer."""
    user = queries.person_in_reach(db, actor, user_id)
    service.sign_out_everywhere(db, actor, user)
    return _done(request, user, say("{name} 的登录都已退出。", name=user.name))
