"""Whose account a provider's person is: known, linked by a verified address, made new, or nobody's yet."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from tongke.accounts import ranks, service
from tongke.accounts.acting import is_present
from tongke.accounts.actor import Actor
from tongke.accounts.models import Role, School, SchoolMembership, User
from tongke.accounts.oidc.claims import FREE_ROLES, Arrival, domain_of
from tongke.accounts.oidc.providers import Provider
from tongke.accounts.sign_in_models import Passkey, ProviderIdentity, ProviderSession
from tongke.audit.service import record
from tongke.db import now, today
from tongke.errors import Conflict, NotFound, SignInRequired
from tongke.i18n import say


def recognise(session: Session, provider: Provider, arrival: Arrival) -> User | None:
    """The person's account, its school and role as the claims say where they may; None when somebody must decide."""
    identity = _identity(session, arrival)
    if identity is not None:
        user = session.get(User, identity.user_id)
        assert user is not None
        identity.used_at, identity.email = now(), _address_kept(arrival)
        session.add(identity)
    else:
        user = _by_trusted_email(session, provider, arrival) or _newcomer(session, provider, arrival)
        if user is None:
            return None
        session.flush()  # the identity refers to the person
        link(session, user, arrival)
    if user.suspended_at or user.erased_at:
        raise SignInRequired(say("这个账号已经停用。请联系学校管理员。"))
    if provider.follow:
        follow(session, provider, user, arrival)
    return user


def link(session: Session, user: User, arrival: Arrival) -> ProviderIdentity:
    """From now on the provider's person is ``user``; raises ``Conflict`` when it is somebody else already."""
    identity = _identity(session, arrival)
    if identity is not None and identity.user_id != user.id:
        raise Conflict(say("这个登录服务的账号已经关联到另一个同课账号。请先在那个账号里取消关联。"))
    if identity is None:
        identity = ProviderIdentity(
            user_id=user.id,
            provider=arrival.provider,
            issuer=arrival.issuer,
            subject=arrival.subject,
            email=_address_kept(arrival),
        )
        _note(session, user.id, "sign_in.linked", provider=arrival.provider)
    identity.used_at = now()
    session.add(identity)
    return identity


def unlink(session: Session, user_id: UUID, identity_id: UUID) -> None:
    """Take the link away; ``Conflict`` when it is the only way in."""
    identity = session.get(ProviderIdentity, identity_id)
    if identity is None or identity.user_id != user_id:
        raise NotFound
    user = session.get(User, user_id)
    assert user is not None
    others = _count(session, ProviderIdentity, user_id) - 1 + _count(session, Passkey, user_id)
    if user.password_hash is None and others == 0:
        raise Conflict(say("这是您唯一的登录方式。请先设置密码或添加通行密钥。"))
    session.delete(identity)
    _note(session, user_id, "sign_in.unlinked", provider=identity.provider)


def identities_of(session: Session, user_id: UUID) -> list[ProviderIdentity]:
    wanted = select(ProviderIdentity).where(ProviderIdentity.user_id == user_id)
    return list(session.exec(wanted.order_by(col(ProviderIdentity.linked_at))))


def remember_session(session: Session, token_sha256: str, arrival: Arrival, id_token: str) -> None:
    """Note which of the provider's sessions a browser of ours belongs to."""
    row = ProviderSession(
        token_sha256=token_sha256,
        provider=arrival.provider,
        issuer=arrival.issuer,
        subject=arrival.subject,
        sid=arrival.sid,
        id_token=id_token,
    )
    session.add(row)


def follow(session: Session, provider: Provider, user: User, arrival: Arrival) -> None:
    """Let school and role follow the claims. A rank given here stays unless the provider may give that very rank."""
    school = _school(session, arrival.school_code)
    if school is not None and not _is_there(session, user.id, school.id):
        _move(session, user, school)
    may_change = FREE_ROLES | set(provider.ranks)
    if arrival.role is None or arrival.role == user.role or Role(user.role) not in may_change:
        return
    if arrival.role is Role.SCHOOL_ADMIN and school is None:
        return
    if arrival.role is Role.REGION_ADMIN and not arrival.region_code:
        return
    before = user.role
    user.role = arrival.role
    user.rank_school_id = school.id if school and arrival.role not in FREE_ROLES else None
    user.region_code = arrival.region_code if arrival.role is Role.REGION_ADMIN else user.region_code
    session.add(user)
    _note(session, user.id, "sign_in.role_followed", before=before, after=str(arrival.role), provider=provider.key)


def _by_trusted_email(session: Session, provider: Provider, arrival: Arrival) -> User | None:
    """Only a verified address of a domain the provider is trusted for; ranks it may not give it may not open either."""
    if not arrival.email_verified or domain_of(arrival.email) not in provider.link_email_domains:
        return None
    user = session.exec(select(User).where(User.email == arrival.email)).first()
    if user is None or ranks.highest_of(session, user)[0] not in FREE_ROLES | set(provider.ranks):
        return None
    return user


def _newcomer(session: Session, provider: Provider, arrival: Arrival) -> User | None:
    role = arrival.role if provider.claims.role else Role.TEACHER
    school = _school(session, arrival.school_code)
    if role is None or not _may_come(provider, arrival, school):
        return None
    if _is_taken(session, arrival.email):
        return None  # perhaps the same person: they sign in here once, and link
    user = service.create_user(
        session,
        email=_sign_in_name(arrival, role),
        name=_shown_name(arrival, role),
        password=None,
        role=role,
        school=school,
        region_code=arrival.region_code if role is Role.REGION_ADMIN else None,
    )
    session.flush()  # the audit row refers to the person
    _note(session, user.id, "sign_in.account_made", provider=provider.key)
    return user


def _may_come(provider: Provider, arrival: Arrival, school: School | None) -> bool:
    if not provider.new_accounts or (arrival.school_code and school is None):
        return False
    if arrival.role is Role.SCHOOL_ADMIN and school is None:
        return False
    if arrival.role is Role.REGION_ADMIN and not arrival.region_code:
        return False
    domains, regions = provider.new_account_email_domains, provider.new_account_regions
    if domains and not (arrival.email_verified and domain_of(arrival.email) in domains):
        return False
    place = school.region_code if school else arrival.region_code
    return not regions or any(place.startswith(region) for region in regions)


def _sign_in_name(arrival: Arrival, role: Role) -> str:
    """A verified address; else, and for pupils always, a name that says nothing."""
    if arrival.email_verified and arrival.email and role is not Role.PUPIL:
        return arrival.email
    return f"{arrival.provider}-{_mark(arrival)}"


def _shown_name(arrival: Arrival, role: Role) -> str:
    """A pupil's name is not kept, whatever the provider says."""
    if role is Role.PUPIL:
        return f"学生 {_mark(arrival)[:4]}"
    return arrival.name or f"{arrival.provider}-{_mark(arrival)}"


def _mark(arrival: Arrival) -> str:
    return hashlib.sha256(f"{arrival.issuer}\0{arrival.subject}".encode()).hexdigest()[:12]


def _address_kept(arrival: Arrival) -> str:
    return "" if arrival.role is Role.PUPIL else arrival.email


def _identity(session: Session, arrival: Arrival) -> ProviderIdentity | None:
    wanted = (ProviderIdentity.issuer == arrival.issuer, ProviderIdentity.subject == arrival.subject)
    return session.exec(select(ProviderIdentity).where(*wanted)).first()


def _is_taken(session: Session, email: str) -> bool:
    return bool(email) and session.exec(select(User.id).where(User.email == email)).first() is not None


def _school(session: Session, code: str) -> School | None:
    wanted = select(School).where(School.code == code, col(School.closed_at).is_(None))
    return session.exec(wanted).first() if code else None


def _is_there(session: Session, user_id: UUID, school_id: UUID) -> bool:
    present = select(SchoolMembership.id).where(
        SchoolMembership.user_id == user_id,
        SchoolMembership.school_id == school_id,
        is_present(),
    )
    return session.exec(present).first() is not None


def _move(session: Session, user: User, school: School) -> None:
    here = select(SchoolMembership).where(SchoolMembership.user_id == user.id, is_present())
    for membership in session.exec(here):
        membership.until, membership.ended_at = today(), now()
        session.add(membership)
    session.add(SchoolMembership(user_id=user.id, school_id=school.id, since=today()))
    _note(session, user.id, "sign_in.school_followed", school=str(school.id))


def _count(session: Session, table: Any, user_id: UUID) -> int:
    return session.exec(select(func.count()).select_from(table).where(table.user_id == user_id)).one()


def _note(session: Session, user_id: UUID, action: str, **details: str) -> None:
    record(session, Actor(user_id=user_id), action, "person", user_id, **details)
