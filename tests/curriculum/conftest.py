from __future__ import annotations

import pytest

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.curriculum import shipped, store
from tongke.curriculum.models import FrameworkOrigin

SERIES = (
    "textbooks/primary-63-chinese-tongbian.json",
    "textbooks/primary-54-chinese-tongbian.json",
    "standards/math.json",
)


@pytest.fixture
def admin() -> Actor:
    return Actor(name="管理员", role=Role.PLATFORM_ADMIN, reach="")


@pytest.fixture
def textbooks(session):
    """Two series of 语文 and the standard of 数学, as shipped."""
    files = shipped.framework_files()
    for name in SERIES:
        store.save(session, shipped.read_framework(files[name].read_bytes()), FrameworkOrigin.SHIPPED)
    return session
