"""Password hashing (argon2id) and one-way digests of tokens."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tongke.errors import Invalid
from tongke.i18n import say

SHORTEST = 8
LONGEST = 256


@lru_cache
def _hasher() -> PasswordHash:
    """Argon2id with OWASP's smallest parameters: a school signs in within seconds, on an old PC too (decision 0100)."""
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


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
    return compared(password, password_hash)[0]


def compared(password: str, password_hash: str | None) -> tuple[bool, str | None]:
    """Whether the password fits, and if its hash was made with other parameters than today's, a fresh one."""
    right, fresh = _hasher().verify_and_update(password[:LONGEST], password_hash or _nobody())
    return (right, fresh) if password_hash is not None else (False, None)


def new_token() -> str:
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
