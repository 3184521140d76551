"""Writing to the audit trail."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel import Session

from tongke.accounts.actor import Actor
from tongke.audit.models import AuditEvent


def record(
    session: Session,
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: UUID | str,
    *,
    reason: str = "",
    **details: Any,
) -> None:
    """Add an event in the transaction of the change it tells of."""
    session.add(
        AuditEvent(
            actor_id=actor.user_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            reason=reason,
            details=details,
        )
    )
