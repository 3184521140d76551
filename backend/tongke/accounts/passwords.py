"""Password hashing (argon2id) and one-way digests of tokens."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache

from pwdlib import PasswordHash

from tongke.errors import Invalid
from tongke.i18n import say

SHORTEST = 8
LONGEST = 256


@lru_cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@lru_cache
def _nobody() -> str:
    """Hash something that is never right, so that an unknown name takes as long as a known one."""
    return _hasher().hash(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    """Hash ``password``; raises ``Invalid`` when it is too short or absurdly long."""
    if not SHORTEST <= len(password) <= LONGEST:
        message = say("密码至少 {n} 个字符。", n=SHORTEST)
        raise Invalid(message, fields={"password": message})
    return _hasher().hash(password)


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; takes as long when there is no hash to compare with."""
    right = _hasher().verify(password[:LONGEST], password_hash or _nobody())
    return right and password_hash is not None


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
