"""The first administrator of a new installation: whoever can read the console creates it, once."""

from __future__ import annotations

import hashlib
import hmac

from sqlmodel import Session

from tongke.accounts import queries, service
from tongke.accounts.models import Role, User
from tongke.errors import NotFound, require
from tongke.i18n import say


def setup_code(signing_key: bytes) -> str:
    """Return the code printed at the start: it can be worked out by every process that holds the key."""
    return hmac.new(signing_key, b"first administrator", hashlib.sha256).hexdigest()[:12]


def create_first_admin(
    session: Session, *, code: str, signing_key: bytes, email: str, name: str, password: str
) -> User:
    """Create the first platform administrator; ``NotFound`` once anybody exists, ``Forbidden`` for a wrong code."""
    if queries.has_people(session):
        raise NotFound
    right = hmac.compare_digest(code.strip().encode(), setup_code(signing_key).encode())
    require(right, say("安装码不对。它显示在启动平台的窗口里。"))
    return service.create_user(session, email=email, name=name, password=password, role=Role.PLATFORM_ADMIN)
