"""One-time codes (TOTP) as the second step of signing in, and the codes on paper that stand in for a lost telephone."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from enum import StrEnum
from uuid import UUID

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import update
from sqlmodel import Session, SQLModel, col, delete, func, select

from tongke.accounts import ranks
from tongke.accounts.models import Role, User
from tongke.accounts.second_step_roles import roles_that_need_it
from tongke.accounts.sign_in_models import Authenticator, Passkey, RecoveryCode
from tongke.config import Settings
from tongke.db import now
from tongke.errors import Conflict, Invalid
from tongke.i18n import say

_AUTHENTICATORS = SQLModel.metadata.tables["authenticator"]
_CODES = SQLModel.metadata.tables["recovery_code"]
STEP_S, EARLIER_AND_LATER = 30, 1
RECOVERY_CODES = 10
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0 o 1 i l: they are copied from paper


class Need(StrEnum):
    """What is wanted after a right password."""

    NOTHING = "nothing"
    CODE = "code"
    ENROLMENT = "enrolment"


def need_of(session: Session, settings: Settings, user: User) -> Need:
    """Whoever has an authenticator is asked for a code; whose role needs one and has none sets it up first."""
    if is_set_up(session, user.id):
        return Need.CODE
    return Need.ENROLMENT if _is_duty(session, settings, user) else Need.NOTHING


def _is_duty(session: Session, settings: Settings, user: User) -> bool:
    """Whether the role needs it: the standing one, or one that is lent."""
    needing = roles_that_need_it(settings)
    return bool(needing) and (Role(user.role) in needing or ranks.highest_of(session, user)[0] in needing)


def is_set_up(session: Session, user_id: UUID) -> bool:
    row = session.get(Authenticator, user_id)
    return row is not None and row.confirmed_at is not None


def begin(session: Session, key: bytes, user: User) -> str:
    """A new secret for the person's program, good once a code of it is shown; returned to be drawn."""
    row = session.get(Authenticator, user.id)
    if row is not None and row.confirmed_at is not None:
        raise Conflict(say("验证器已经设置好了。要换手机，请先停用旧的。"))
    secret = pyotp.random_base32()
    row = row or Authenticator(user_id=user.id, sealed_secret="")
    row.sealed_secret, row.created_at = _seal(key).encrypt(secret.encode()).decode(), now()
    session.add(row)
    return secret


def pending_secret(session: Session, key: bytes, user: User) -> str:
    """The secret that is being set up; a new one when there is none."""
    row = session.get(Authenticator, user.id)
    if row is None or row.confirmed_at is not None:
        return begin(session, key, user)
    try:
        return _secret(key, row)
    except Invalid:
        return begin(session, key, user)


def address_of(secret: str, user: User, issuer: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=issuer)


def confirm(session: Session, key: bytes, user_id: UUID, code: str) -> list[str]:
    """The first code: from now on it is asked for. Returns recovery codes, which cannot be shown again."""
    row = session.get(Authenticator, user_id)
    if row is None or row.confirmed_at is not None or not _is_code_right(session, key, row, code):
        raise wrong_code()
    row.confirmed_at = now()
    session.add(row)
    return new_recovery_codes(session, key, user_id)


def check(session: Session, key: bytes, user_id: UUID, code: str) -> None:
    """A code of the program, or one from paper; each works once. Raises ``Invalid``."""
    row = session.get(Authenticator, user_id)
    if row is None or row.confirmed_at is None:
        raise wrong_code()
    cleaned = "".join(c for c in code.lower() if c.isalnum())
    is_code = cleaned.isdigit()
    is_right = _is_code_right(session, key, row, cleaned) if is_code else _burn(session, key, user_id, cleaned)
    if not is_right:
        raise wrong_code()


def new_recovery_codes(session: Session, key: bytes, user_id: UUID) -> list[str]:
    """Ten new ones; the old ones are void."""
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(12)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(code_sha256=_digest(key, user_id, code), user_id=user_id) for code in codes)
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in codes]


def recovery_codes_left(session: Session, user_id: UUID) -> int:
    unused = (RecoveryCode.user_id == user_id, col(RecoveryCode.used_at).is_(None))
    return session.exec(select(func.count()).select_from(RecoveryCode).where(*unused)).one()


def remove(session: Session, settings: Settings, user: User) -> None:
    """Do without codes; refused where the role needs them and there is no passkey."""
    has_passkey = session.exec(select(Passkey.id).where(Passkey.user_id == user.id)).first() is not None
    if _is_duty(session, settings, user) and not has_passkey:
        raise Conflict(say("您的角色登录时必须有第二步验证，不能停用。"))
    forget(session, user.id)


def forget(session: Session, user_id: UUID) -> None:
    """Without asking: for a lost telephone, by an administrator, and when a person is erased."""
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    session.exec(delete(Authenticator).where(col(Authenticator.user_id) == user_id))


def wrong_code() -> Invalid:
    message = say("验证码不对，或已经用过。请等下一个验证码，再试一次。")
    return Invalid(message, fields={"code": message})


def _is_code_right(session: Session, key: bytes, row: Authenticator, code: str) -> bool:
    """A code of this half minute or its neighbours, later than any used before: of two that show it, one gets in."""
    program, at, given = pyotp.TOTP(_secret(key, row)), int(time.time()) // STEP_S, code.strip().encode()
    steps = range(at - EARLIER_AND_LATER, at + EARLIER_AND_LATER + 1)
    fitting = [step for step in steps if hmac.compare_digest(program.generate_otp(step).encode(), given)]
    if not fitting:
        return False
    own = (_AUTHENTICATORS.c.user_id == row.user_id, _AUTHENTICATORS.c.last_step < fitting[-1])
    moved = update(_AUTHENTICATORS).where(*own).values(last_step=fitting[-1])
    return session.execute(moved.returning(_AUTHENTICATORS.c.user_id)).first() is not None


def _burn(session: Session, key: bytes, user_id: UUID, code: str) -> bool:
    own = (_CODES.c.code_sha256 == _digest(key, user_id, code), _CODES.c.used_at.is_(None))
    burnt = update(_CODES).where(*own).values(used_at=now())
    return session.execute(burnt.returning(_CODES.c.user_id)).first() is not None


def _secret(key: bytes, row: Authenticator) -> str:
    try:
        return _seal(key).decrypt(row.sealed_secret.encode()).decode()
    except InvalidToken:
        raise Invalid(say("平台的密钥换过了，验证器已失效。请用备用码登录，或请管理员重置。")) from None


def _seal(key: bytes) -> Fernet:
    return Fernet(urlsafe_b64encode(hmac.new(key, b"authenticator secrets", hashlib.sha256).digest()))


def _digest(key: bytes, user_id: UUID, code: str) -> str:
    return hmac.new(key, f"recovery code\0{user_id}\0{code}".encode(), hashlib.sha256).hexdigest()
