"""Signing in with a password, in three moves: count the try, look at the password, open what it opens.

The middle move hashes for tens of milliseconds, so it happens between two transactions and not inside one.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, select

from tongke.accounts import passwords, tries
from tongke.accounts.models import User
from tongke.accounts.sign_in_models import FailedSignIn
from tongke.accounts.tries import Guesser
from tongke.errors import SignInRequired
from tongke.i18n import say


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted try. It stands as failed until ``succeed`` takes that back, so that a crash forgives nothing."""

    who: Guesser
    user_id: UUID | None
    password_hash: str | None
    failed_id: UUID | None


@dataclass(frozen=True, slots=True)
class Verdict:
    is_right: bool
    fresh_hash: str | None = None


def begin(session: Session, who: Guesser, *, email: str, address: str, user_agent: str) -> Attempt:
    """Count the try and find whose it is; raises ``TooManyRequests``. Known and unknown names go the same way."""
    tries.count_try(session, who)
    user = session.exec(select(User).where(User.email == email.strip().lower())).first()
    if user is None or user.suspended_at:
        return Attempt(who, None, None, None)
    failed = FailedSignIn(user_id=user.id, address=address, user_agent=user_agent[:200])
    session.add(failed)
    return Attempt(who, user.id, user.password_hash, failed.id)


def judge(attempt: Attempt, password: str) -> Verdict:
    """Compare the password; takes as long for nobody as for somebody. Touches no database."""
    return Verdict(*passwords.compared(password, attempt.password_hash))


def succeed(session: Session, attempt: Attempt, verdict: Verdict) -> User:
    """The person whose password was right, their slate clean; raises ``SignInRequired`` when it was wrong."""
    user = session.get(User, attempt.user_id) if verdict.is_right and attempt.user_id else None
    if user is None or user.suspended_at or user.password_hash != attempt.password_hash:
        raise wrong_password()
    tries.forgive(session, attempt.who)
    if failed := session.get(FailedSignIn, attempt.failed_id):
        session.delete(failed)
    if verdict.fresh_hash:
        user.password_hash = verdict.fresh_hash
        session.add(user)
    return user


def wrong_password() -> SignInRequired:
    return SignInRequired(say("登录名或密码不对。请再试一次，或请学校管理员重置密码。"))
