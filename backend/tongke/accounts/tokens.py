"""Bearer tokens for programs: made for a purpose, narrowed by scopes, ending by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from tongke.accounts import passwords
from tongke.accounts.actor import Actor
from tongke.accounts.models import ApiToken, Role
from tongke.audit.service import record
from tongke.db import now
from tongke.errors import Invalid, NotFound, require
from tongke.i18n import Text, say

SCOPES: dict[str, Text] = {
    "read": say("读取：本人看得到的内容"),
    "write": say("写草稿：新建、修改、送审、撤回自己的资源，收藏和评分"),
    "upload": say("上传文件"),
    "review": say("审核：发布、退回、不通过（本人须是审核员）"),
    "admin": say("管理学校和人员（本人须是管理员）"),
}
"""What a token can be narrowed to; without any it may do all its person may."""
LONGEST_DAYS = 366
MOST = 20


def make(session: Session, actor: Actor, *, name: str, scopes: Sequence[str], days: int) -> str:
    """Make a token and return it, this once; raises ``Invalid`` for a scope nobody knows."""
    require(actor.is_signed_in and not actor.is_a(Role.PUPIL), say("学生账号不能有访问令牌。"))
    require(not actor.scopes, say("访问令牌不能再生出令牌。请在网页上新建。"))
    wrong: dict[str, Text] = {}
    if not name.strip() or len(name) > 60:  # noqa: PLR2004 a few words
        wrong["name"] = say("请写明用途，最多 60 个字。")
    if not scopes or not set(scopes) <= set(SCOPES):
        wrong["scopes"] = say("请至少选择一项权限。")
    if not 1 <= days <= LONGEST_DAYS:
        wrong["days"] = say("有效期 1 到 {n} 天。", n=LONGEST_DAYS)
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    if len(working(session, actor)) >= MOST:
        raise Invalid(say("最多 {n} 个令牌。请先撤销不用的。", n=MOST))
    assert actor.user_id is not None
    token = passwords.new_token()
    kept = ApiToken(
        token_sha256=passwords.digest(token),
        user_id=actor.user_id,
        scopes=[scope for scope in SCOPES if scope in scopes],
        name=name.strip(),
        expires_at=now() + timedelta(days=days),
    )
    session.add(kept)
    record(session, actor, "token.make", "token", kept.id, scopes=kept.scopes)
    return token


def working(session: Session, actor: Actor) -> Sequence[ApiToken]:
    """One's tokens that are not revoked, the newest first; expired ones stay in sight."""
    mine = select(ApiToken).where(ApiToken.user_id == actor.user_id, col(ApiToken.revoked_at).is_(None))
    return session.exec(mine.order_by(col(ApiToken.created_at).desc())).all()


def revoke(session: Session, actor: Actor, token_id: UUID) -> None:
    """Stop a token of one's own from the next request on."""
    kept = session.get(ApiToken, token_id)
    if kept is None or kept.user_id != actor.user_id or kept.revoked_at is not None:
        raise NotFound
    kept.revoked_at = now()
    session.add(kept)
    record(session, actor, "token.revoke", "token", kept.id)
