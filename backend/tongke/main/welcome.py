"""What the platform says when it has started, and the door for the first administrator."""

from __future__ import annotations

from tongke.accounts import first_admin, queries
from tongke.db import reading
from tongke.http.platform import Platform
from tongke.i18n import say
from tongke.main.console import tell


def greeting(platform: Platform) -> None:
    """Print the address; on a new installation also where to create the first administrator."""
    base = platform.settings.base_url
    tell(say("同课已启动：{address}  （按 Ctrl-C 停止）", address=base))
    with reading(platform.engine) as session:
        is_new = not queries.has_people(session)
    if is_new:
        code = first_admin.setup_code(platform.settings.signing_key)
        tell(say("还没有管理员。请打开 {address} 创建第一个。", address=f"{base}/welcome?code={code}"))
