"""What administrators do with schools: add, change, close, open again; and the lists they choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from tongke.accounts import policy, service
from tongke.accounts.actor import Actor
from tongke.accounts.models import Locality, Region, Role, School, SchoolKind
from tongke.accounts.regions import LEVELS, regions_below
from tongke.audit.service import record
from tongke.db import now
from tongke.errors import Invalid, NotFound, require
from tongke.i18n import say

URBAN_RURAL = {"111": "城", "112": "城", "121": "镇", "122": "镇", "123": "镇", "210": "村", "220": "村"}
"""The statistics office's classes of a place, and what teachers call them."""


@dataclass(frozen=True, slots=True)
class SchoolFields:
    """What a school's form holds."""

    code: str
    name: str
    kind: SchoolKind
    locality: Locality
    region_code: str
    urban_rural_code: str = ""
    bandwidth_kbps: int | None = None


def add(session: Session, actor: Actor, fields: SchoolFields) -> School:
    """Create a school in a region the actor administers."""
    require(policy.may_administer_schools(actor, fields.region_code), say("这个地区不归您管理。"))
    _check(fields)
    school = service.create_school(
        session,
        code=fields.code,
        name=fields.name,
        kind=fields.kind,
        locality=fields.locality,
        region_code=fields.region_code,
        bandwidth_kbps=fields.bandwidth_kbps,
    )
    school.urban_rural_code = fields.urban_rural_code
    record(session, actor, "school.add", "school", school.id, code=school.code)
    return school


def change(session: Session, actor: Actor, school: School, fields: SchoolFields) -> None:
    """Correct what is known of a school; its code stays, since rosters and records refer to it.

    Moving it to another region takes an administrator of both.
    """
    require(policy.may_administer_school(actor, school), say("这所学校不归您管理。"))
    if fields.region_code != school.region_code:
        allowed = policy.may_administer_schools(actor, school.region_code)
        require(allowed and policy.may_administer_schools(actor, fields.region_code), say("这个地区不归您管理。"))
        if session.get(Region, fields.region_code) is None:
            raise Invalid(
                say("没有代码为 {code} 的地区。", code=fields.region_code), fields={"region": say("请选择地区。")}
            )
    _check(fields)
    if not fields.name.strip():
        raise Invalid(say("请填写学校名称和代码。"), fields={"name": say("请填写学校名称和代码。")})
    changed = {
        name: getattr(fields, name)
        for name in ("name", "kind", "locality", "region_code", "urban_rural_code", "bandwidth_kbps")
        if getattr(school, name) != getattr(fields, name)
    }
    for name, value in changed.items():
        setattr(school, name, value.strip() if name == "name" else value)
    session.add(school)
    if changed:
        record(session, actor, "school.change", "school", school.id, **changed)


def close(session: Session, actor: Actor, school: School, *, reason: str) -> None:
    """Close a school: nobody is at it from now on, and what it gave them ends; its lessons stay attributed to it."""
    require(policy.may_administer_schools(actor, school.region_code), say("这所学校不归您管理。"))
    if not reason.strip():
        raise Invalid(say("请写明原因。"), fields={"reason": say("请写明原因。")})
    school.closed_at = now()
    session.add(school)
    record(session, actor, "school.close", "school", school.id, reason=reason.strip()[:200])


def reopen(session: Session, actor: Actor, school: School) -> None:
    """Open a closed school again, with everybody whose membership has not ended meanwhile."""
    require(policy.may_administer_schools(actor, school.region_code), say("这所学校不归您管理。"))
    school.closed_at = None
    session.add(school)
    record(session, actor, "school.reopen", "school", school.id)


def _check(fields: SchoolFields) -> None:
    if fields.urban_rural_code and fields.urban_rural_code not in URBAN_RURAL:
        raise Invalid(say("没有这个城乡分类代码。"), fields={"urban_rural_code": say("没有这个城乡分类代码。")})


def school_in_reach(session: Session, actor: Actor, school_id: UUID) -> School:
    """A school the actor administers; ``NotFound`` for any other."""
    school = session.get(School, school_id)
    if school is None or not policy.may_administer_school(actor, school):
        raise NotFound
    return school


def schools_in_reach(
    session: Session,
    actor: Actor,
    *,
    text: str = "",
    region: str = "",
    kind: str = "",
    is_closed: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> tuple[Sequence[School], int]:
    """The schools the actor administers, by name, and how many there are."""
    wanted = select(School)
    if actor.role is Role.SCHOOL_ADMIN:
        wanted = wanted.where(School.id == actor.school_id)
    else:
        reach = actor.reach if actor.reach is not None else "-"
        wanted = wanted.where(col(School.region_code).startswith(reach, autoescape=True))
    closed = col(School.closed_at)
    wanted = wanted.where(closed.is_not(None) if is_closed else closed.is_(None))
    if region:
        wanted = wanted.where(col(School.region_code).startswith(region, autoescape=True))
    if kind:
        wanted = wanted.where(School.kind == kind)
    if text:
        wanted = wanted.where(or_(col(School.name).contains(text, autoescape=True), col(School.code) == text))
    total = session.exec(select(func.count()).select_from(wanted.subquery())).one()
    return session.exec(wanted.order_by(School.name, School.code).limit(limit).offset(offset)).all(), total


@dataclass(frozen=True, slots=True)
class RegionLevel:
    """One step of choosing a region: what there is to choose from, and what is chosen."""

    digits: int
    options: list[Region]
    chosen: str


def region_steps(session: Session, code: str, *, within: str = "") -> list[RegionLevel]:
    """The steps down to ``code`` and the one below it; above ``within`` there is no choice."""
    steps: list[RegionLevel] = []
    parent: str | None = None
    for digits in LEVELS:
        options = [one for one in regions_below(session, parent) if one.code.startswith(within[:digits]) or not within]
        chosen = code[:digits] if len(code) >= digits else within[:digits] if len(within) >= digits else ""
        if not options:
            break
        chosen = chosen if any(one.code == chosen for one in options) else ""
        steps.append(RegionLevel(digits, options, chosen))
        if not chosen:
            break
        parent = chosen
    return steps


def chosen_region(picked: Sequence[str]) -> str:
    """The deepest region picked: a choice that does not lie within the one above it is left over from before."""
    code = ""
    for one in picked:
        if one and one.startswith(code):
            code = one
        elif one:
            break
    return code
