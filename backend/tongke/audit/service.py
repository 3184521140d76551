"""Writing to the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session

from tongke.audit.models import AuditEvent
from tongke.db import rows_of


class Doer(Protocol):
    """Whoever did it: the trail stands below the accounts, whose changes it also tells of, and needs no more."""

    @property
    def user_id(self) -> UUID | None: ...


def record(
    session: Session,
    actor: Doer,
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


def record_all(
    session: Session, actor: Doer, subject_kind: str, events: Iterable[tuple[str, UUID, dict[str, Any]]]
) -> None:
    """Add many events in one statement; each is its action, its subject and its details."""
    rows = [
        {
            "actor_id": actor.user_id,
            "action": action,
            "subject_kind": subject_kind,
            "subject_id": str(subject_id),
            "details": details,
        }
        for action, subject_id, details in events
    ]
    if rows:
        session.exec(insert(AuditEvent), params=rows_of(AuditEvent, rows))
