"""Erasing a person, and the ledger that lets a restored backup forget them again.

The account becomes a row without a name that nobody can sign in with; what was only about the person is deleted;
what they shared stays, under the name it was published with (its licence asks for that). ``FATES`` says for every
column that refers to a person which of these it is, and a test fails for a column it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, select, update
from sqlmodel import Session, col
from sqlmodel import select as select_model

from tongke.accounts import policy, ranks
from tongke.accounts.actor import Actor
from tongke.accounts.models import Erasure, Role, User
from tongke.audit.service import record
from tongke.db import metadata, new_id, now
from tongke.errors import Conflict, Forbidden
from tongke.i18n import say

NOBODY = "（已删除）"


class Fate(StrEnum):
    """What happens to rows that refer to an erased person by a column."""

    DELETE = "delete"  # they were about the person alone
    CLEAR = "clear"  # the row stays and forgets who
    KEEP = "keep"  # the row stays and refers to the nameless account


FATES: dict[tuple[str, str], Fate] = {
    ("api_token", "user_id"): Fate.DELETE,
    ("asset", "owner_id"): Fate.KEEP,
    ("audit_event", "actor_id"): Fate.KEEP,
    ("authenticator", "user_id"): Fate.DELETE,
    ("collection", "owner_id"): Fate.KEEP,
    ("failed_sign_in", "user_id"): Fate.DELETE,
    ("favourite", "user_id"): Fate.DELETE,
    ("learning_resource", "owner_id"): Fate.KEEP,
    ("one_time_code", "made_by"): Fate.CLEAR,
    ("one_time_code", "user_id"): Fate.DELETE,
    ("passkey", "user_id"): Fate.DELETE,
    ("problem_report", "closed_by"): Fate.KEEP,
    ("problem_report", "reporter_id"): Fate.CLEAR,
    ("provider_identity", "user_id"): Fate.DELETE,
    ("pupil_card", "user_id"): Fate.DELETE,
    ("pupil_class", "made_by"): Fate.KEEP,
    ("rating", "user_id"): Fate.KEEP,
    ("recovery_code", "user_id"): Fate.DELETE,
    ("review", "author_id"): Fate.KEEP,
    ("review", "reviewer_id"): Fate.KEEP,
    ("revision", "author_id"): Fate.KEEP,
    ("revision", "import_approved_by"): Fate.KEEP,
    ("role_grant", "granted_by"): Fate.KEEP,
    ("role_grant", "user_id"): Fate.DELETE,
    ("roster", "made_by"): Fate.DELETE,
    ("school_membership", "user_id"): Fate.DELETE,
    ("sign_in_session", "user_id"): Fate.DELETE,
    ("sign_in_step", "user_id"): Fate.DELETE,
    ("upload_session", "owner_id"): Fate.KEEP,
}
_WORDS = {("rating", "user_id"): "comment"}
"""Rows that stay for their sums, but not with what the person wrote in them."""
_SECRETS = frozenset(
    {"password_hash", "token_sha256", "digest", "card_digest", "code_sha256", "sealed_secret", "public_key", "id_token",
     "content", "body", "credential_id"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Who was erased, when and by whom: ids alone, so that the ledger may be kept outside the backups."""

    id: str
    at: str
    subject_id: str
    subject_kind: str
    by: str | None = None

    def as_row(self) -> dict[str, str | None]:
        return asdict(self)


def ledger(session: Session) -> list[LedgerLine]:
    """Every line, the oldest first: a backup takes it along, and a newer one is replayed onto an older backup."""
    rows = session.exec(select_model(Erasure).order_by(col(Erasure.at), col(Erasure.id)))
    return [
        LedgerLine(str(r.id), r.at.isoformat(), str(r.subject_id), r.subject_kind, str(r.by) if r.by else None)
        for r in rows
    ]


def replay(session: Session, lines: Iterable[LedgerLine]) -> int:
    """Erase again everybody in ``lines`` whom a restored database still knows; how many those were.

    To be called after a restore and before the platform opens, with the newest ledger there is. Calling it twice, or
    with people the database never knew, changes nothing; the database's own ledger holds every line afterwards.
    """
    known = set(session.exec(select_model(Erasure.id)))
    erased = 0
    for line in lines:
        subject_id, line_id = UUID(line.subject_id), UUID(line.id)
        user = session.get(User, subject_id)
        if user is not None and user.erased_at is None:
            _forget(session, user)
            erased += 1
        if line_id not in known:
            by = UUID(line.by) if line.by else None
            at = datetime.fromisoformat(line.at)
            session.add(Erasure(id=line_id, at=at, subject_id=subject_id, subject_kind=line.subject_kind, by=by))
            known.add(line_id)
    return erased


def may_erase(session: Session, actor: Actor, user: User) -> bool:
    """Oneself; a school's administrator its pupils; the platform's administrators everybody."""
    if actor.user_id == user.id:
        return actor.role is not Role.PUPIL
    if user.role == Role.PUPIL or actor.role is Role.PLATFORM_ADMIN:
        return policy.may_look_after(actor, *ranks.highest_of(session, user))
    return False


def erase(session: Session, actor: Actor, user: User) -> None:
    """Forget the person for good and write it into the ledger; the caller has found them within the actor's reach."""
    if not may_erase(session, actor, user):
        raise Forbidden(say("您不能删除这个账号。"))
    if user.erased_at is not None:
        raise Conflict(say("这个账号已经删除了。"))
    if user.role == Role.PLATFORM_ADMIN:
        ranks.require_another_admin(session, user)
    kind = "pupil" if user.role == Role.PUPIL else "staff"
    _forget(session, user)
    session.add(Erasure(id=new_id(), subject_id=user.id, subject_kind=kind, by=actor.user_id))
    record(session, actor, "person.erase", "person", user.id, kind=kind)


def _forget(session: Session, user: User) -> None:
    for (table_name, column), fate in FATES.items():
        table = metadata.tables[table_name]
        theirs = table.c[column] == user.id
        if words := _WORDS.get((table_name, column)):
            session.execute(update(table).where(theirs).values({words: ""}))
        if fate is Fate.DELETE:
            session.execute(delete(table).where(theirs))
        elif fate is Fate.CLEAR:
            session.execute(update(table).where(theirs).values({column: None}))
    _delete_drafts(session, user.id)
    moment = now()
    user.name, user.email, user.password_hash, user.locale = NOBODY, f"erased-{user.id}", None, None
    user.region_code, user.rank_school_id, user.suspended_for = None, None, ""
    user.suspended_at = user.erased_at = moment
    if user.role != Role.PUPIL:
        user.role = Role.TEACHER
    session.add(user)


def _delete_drafts(session: Session, user_id: UUID) -> None:
    """What was never published was never shared: nobody is to see it any more."""
    resource = metadata.tables["learning_resource"]
    unpublished = (resource.c.owner_id == user_id) & resource.c.published_revision_id.is_(None)
    session.execute(update(resource).where(unpublished).values(standing="deleted", standing_at=now()))


def export(session: Session, user: User) -> dict[str, Any]:
    """Everything kept about a person, by table, without secrets: theirs to read and to take away."""
    found: dict[str, Any] = {"person": _plain(session, metadata.tables["person"], "id", user.id)}
    for table_name, column in FATES:
        rows = _plain(session, metadata.tables[table_name], column, user.id)
        if rows:
            found.setdefault(table_name, []).extend(rows)
    return found


def _plain(session: Session, table: Table, column: str, user_id: UUID) -> list[dict[str, Any]]:
    shown = [one for one in table.columns if one.name not in _SECRETS]
    rows = session.execute(select(*shown).where(table.c[column] == user_id)).mappings()
    return [{name: _written(value) for name, value in row.items()} for row in rows]


def _written(value: Any) -> Any:
    if isinstance(value, (datetime, UUID)) or hasattr(value, "isoformat"):
        return value.isoformat() if hasattr(value, "isoformat") else str(value)
    return value if isinstance(value, (str, int, float, bool, list, dict, type(None))) else str(value)
