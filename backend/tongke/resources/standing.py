"""What happens to a resource as a whole: withdrawn, taken down, put back, deleted."""

from __future__ import annotations

from sqlmodel import Session

from tongke.accounts.actor import Actor
from tongke.audit import service as audit
from tongke.db import now
from tongke.errors import Conflict, Invalid, require
from tongke.i18n import say
from tongke.resources import policy
from tongke.resources.content import hold
from tongke.resources.models import LearningResource, RevisionState, Standing
from tongke.resources.queries import latest_revision, published_revision
from tongke.search.outbox import request_reindex

REASON_LENGTH = 1000


def withdraw(session: Session, actor: Actor, resource: LearningResource, *, reason: str) -> None:
    """Hide one's published resource everywhere at once; embeds show ``reason`` instead."""
    hold(session, resource)
    require(policy.may_withdraw(actor, resource), say("只有作者可以撤回这个资源。"))
    reason = _given(reason)
    if resource.standing != Standing.ACTIVE or resource.published_revision_id is None:
        raise Conflict(say("只有已发布的资源可以撤回。"))
    _stand(session, actor, resource, Standing.WITHDRAWN, action="resource.withdraw", reason=reason)


def take_down(session: Session, actor: Actor, resource: LearningResource, *, reason: str) -> None:
    """Hide a resource by decision of an office; its author sees it and the reason, and may not change it."""
    hold(session, resource)
    shown = published_revision(session, resource) or latest_revision(session, resource.id)
    require(policy.may_take_down(actor, resource, shown), say("只有管辖这里的管理员可以下架资源。"))
    reason = _given(reason)
    if resource.standing not in (Standing.ACTIVE, Standing.WITHDRAWN) or resource.published_revision_id is None:
        raise Conflict(say("只有已发布的资源可以下架。"))
    _stand(session, actor, resource, Standing.TAKEN_DOWN, action="resource.take_down", reason=reason)


def put_back(session: Session, actor: Actor, resource: LearningResource, *, reason: str = "") -> None:
    """Show again what was withdrawn (its owner) or taken down (an office in reach)."""
    hold(session, resource)
    shown = published_revision(session, resource) or latest_revision(session, resource.id)
    require(policy.may_put_back(actor, resource, shown), say("您不能恢复这个资源。"))
    if resource.standing not in (Standing.WITHDRAWN, Standing.TAKEN_DOWN):
        raise Conflict(say("这个资源没有被撤回或下架。"))
    _stand(
        session, actor, resource, Standing.ACTIVE, action="resource.put_back", reason=_cleaned(reason)[:REASON_LENGTH]
    )


def delete(session: Session, actor: Actor, resource: LearningResource, *, reason: str = "") -> None:
    """Leave only a tombstone of what is not published: nobody sees it any more, its history stays in the audit."""
    hold(session, resource)
    require(policy.may_delete(actor, resource), say("只有作者可以删除这个资源。"))
    if resource.standing == Standing.ACTIVE and resource.published_revision_id is not None:
        raise Conflict(say("已发布的资源要先撤回，再删除。"))
    if latest_revision(session, resource.id).state in (RevisionState.SUBMITTED, RevisionState.IN_REVIEW):
        raise Conflict(say("审核中的资源不能删除。"))
    _stand(
        session, actor, resource, Standing.DELETED, action="resource.delete", reason=_cleaned(reason)[:REASON_LENGTH]
    )


def _given(reason: str) -> str:
    reason = _cleaned(reason)
    if not reason:
        raise Invalid(say("请写明原因。"), fields={"reason": say("请写明原因。")})
    if len(reason) > REASON_LENGTH:
        too_long = say("最多 {n} 个字。", n=REASON_LENGTH)
        raise Invalid(too_long, fields={"reason": too_long})
    return reason


def _cleaned(reason: str) -> str:
    return reason.replace("\0", "").strip()


def _stand(
    session: Session, actor: Actor, resource: LearningResource, standing: Standing, *, action: str, reason: str
) -> None:
    resource.standing, resource.standing_at, resource.standing_reason = standing, now(), reason
    resource.updated_at = now()
    session.add(resource)
    audit.record(session, actor, action, "learning_resource", resource.id, reason=reason)
    request_reindex(session, resource.id)
