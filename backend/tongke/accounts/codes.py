"""One-time codes: whoever holds one chooses a password, once, before it expires.

A code is long enough that a fast keyed digest suffices: twenty thousand are made in a blink, and a copy of the table
opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, delete, select

from tongke.accounts import passwords, ranks
from tongke.accounts.actor import Actor
from tongke.accounts.models import CodePurpose, OneTimeCode, SignInSession, User
from tongke.audit.service import record
from tongke.db import now
from tongke.errors import Conflict, Invalid
from tongke.i18n import say

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that look alike on paper."""
GROUP = 4
SHORT, LONG = 3, 7
"""Groups of a code to be typed (59 bits) and of one in a link (138 bits)."""
LASTS: dict[CodePurpose, timedelta] = {
    CodePurpose.INVITATION: timedelta(days=30),
    CodePurpose.SCHOOL_RESET: timedelta(days=3),
    CodePurpose.MAIL_RESET: timedelta(minutes=30),
}


@dataclass(frozen=True, slots=True)
class Slip:
    """What is handed to a person on paper, shown once: the table keeps only the code's digest."""

    user_id: UUID
    name: str
    sign_in_name: str
    code: str
    expires_at: datetime


def new_code(groups: int = SHORT) -> str:
    """Make a code as it is printed: ``K7MQ-3XVA-9TRP``."""
    letters = [secrets.choice(LETTERS) for _ in range(groups * GROUP)]
    return "-".join("".join(letters[n : n + GROUP]) for n in range(0, len(letters), GROUP))


def derived_code(user_id: UUID, key: bytes) -> str:
    """Return the first code of a person who came with a roster: made from the key, so that it need not be kept."""
    stream = hmac.new(key, b"roster code\0" + user_id.bytes, hashlib.sha512).digest()
    number = int.from_bytes(stream, "big")
    letters = []
    for _ in range(SHORT * GROUP):
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    return "-".join("".join(letters[n : n + GROUP]) for n in range(0, len(letters), GROUP))


def digest_of(code: str, key: bytes) -> str:
    """Return the keyed digest of a code, however it was typed."""
    typed = re.sub(r"[^A-Z0-9]", "", code.upper())
    return hmac.new(key, b"one-time code\0" + typed.encode(), hashlib.sha256).hexdigest()


def issue(
    session: Session, user: User, purpose: CodePurpose, *, key: bytes, made_by: UUID | None, groups: int = SHORT
) -> Slip:
    """Make a code; those the person was given before stop working."""
    withdraw_codes(session, user.id)
    code, expires_at = new_code(groups), now() + LASTS[purpose]
    session.flush()  # the code refers to the person, who may be new
    session.add(
        OneTimeCode(
            digest=digest_of(code, key), user_id=user.id, purpose=purpose, made_by=made_by, expires_at=expires_at
        )
    )
    return Slip(user.id, user.name, user.email, code, expires_at)


def hand_out(session: Session, actor: Actor, user: User, *, key: bytes) -> Slip:
    """Give somebody a code for a new password, as the administrator of their school or region may.

    The present password keeps working until the code is used: a slip that is lost locks nobody out.
    """
    ranks.require_below(session, actor, user, say("您不能重置这个账号的密码。"))
    if user.suspended_at is not None:
        raise Conflict(say("账号已停用。请先恢复，再发一次性代码。"))
    purpose = CodePurpose.SCHOOL_RESET if user.password_hash else CodePurpose.INVITATION
    record(session, actor, "person.code", "person", user.id, purpose=purpose)
    return issue(session, user, purpose, key=key, made_by=actor.user_id)


def withdraw_codes(session: Session, user_id: UUID) -> None:
    session.exec(delete(OneTimeCode).where(col(OneTimeCode.user_id) == user_id, col(OneTimeCode.used_at).is_(None)))


def holder_of(session: Session, code: str, *, key: bytes) -> User:
    """Whose code this is; raises ``Invalid`` for one that is wrong, used, or too old: nobody learns which."""
    found = session.exec(
        select(User)
        .join(OneTimeCode, col(OneTimeCode.user_id) == col(User.id))
        .where(
            OneTimeCode.digest == digest_of(code, key),
            col(OneTimeCode.used_at).is_(None),
            OneTimeCode.expires_at > now(),
            col(User.suspended_at).is_(None),
        )
    ).first()
    if found is None:
        message = say("这个代码不对，已经用过，或者过期了。请向学校管理员要一个新的。")
        raise Invalid(message, fields={"code": message})
    return found


def redeem(session: Session, code: str, *, password_hash: str, key: bytes) -> User:
    """Set the password and burn the code; every sign-in of the person ends. Raises ``Invalid`` as ``holder_of``.

    The hash is made before: it takes long, and the database has one writer.
    """
    user = holder_of(session, code, key=key)
    burnt = update(OneTimeCode).where(
        col(OneTimeCode.digest) == digest_of(code, key), col(OneTimeCode.used_at).is_(None)
    )
    if session.execute(burnt.values(used_at=now()).returning(col(OneTimeCode.digest))).scalar_one_or_none() is None:
        raise Invalid(say("这个代码不对，已经用过，或者过期了。请向学校管理员要一个新的。"))
    withdraw_codes(session, user.id)
    user.password_hash = password_hash
    session.add(user)
    session.exec(delete(SignInSession).where(col(SignInSession.user_id) == user.id))
    record(session, Actor(user_id=user.id), "person.password", "person", user.id)
    return user


def new_password_hash(password: str, again: str) -> str:
    """Hash a password typed twice; raises ``Invalid``."""
    if password != again:
        message = say("两次输入的新密码不一样。")
        raise Invalid(message, fields={"again": message})
    return passwords.hash_password(password)
