"""Writing a batch of imported records: new ones in few statements, changed ones one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, delete, select, update

from tongke.accounts.actor import Actor
from tongke.accounts.models import School
from tongke.audit import service as audit
from tongke.db import new_id, now, rows_of
from tongke.errors import Conflict, TongkeError
from tongke.i18n import say
from tongke.resources.alignments import Tie
from tongke.resources.bulk_records import Line, Refused
from tongke.resources.completeness import lacks
from tongke.resources.drafts import UNDER_REVIEW
from tongke.resources.models import (
    Alignment,
    LearningResource,
    Revision,
    RevisionFile,
    RevisionState,
    Standing,
)
from tongke.resources.publication import publish
from tongke.resources.queries import latest_revision
from tongke.resources.schemas import REVISION_COLUMNS
from tongke.resources.short_codes import new_short_codes
from tongke.search.outbox import request_reindex


@dataclass(slots=True)
class Ready:
    """A line with what it names: framework items, its school, the assets of its files."""

    line: Line
    ties: list[Tie]
    school: School | None
    asset_ids: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    added: int = 0
    revised: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _New:
    """A record that becomes a resource, as rows."""

    ready: Ready
    resource: dict[str, Any]
    revision: dict[str, Any]

    @property
    def is_published(self) -> bool:
        return self.ready.line.record.published


def write_batch(session: Session, actor: Actor, ready: Sequence[Ready]) -> Outcome:
    """Write every record that can be; the others are told why in the outcome."""
    outcome = Outcome()
    known = _known(session, actor, ready)
    new: list[_New] = []
    codes = iter(new_short_codes(session, sum(r.line.record.external_id not in known for r in ready)))
    for found in ready:
        resource = known.get(found.line.record.external_id)
        try:
            if resource is None:
                new.append(_new(actor, found, next(codes)))
            else:
                with session.begin_nested():  # a record refused half-way leaves nothing behind
                    _revise(session, actor, found, resource)
                outcome.revised += 1
        except TongkeError as error:
            outcome.refused.append(Refused(found.line.number, error.message))
    if new:
        _add(session, actor, new)
    outcome.added = len(new)
    return outcome


def _known(session: Session, actor: Actor, ready: Sequence[Ready]) -> dict[str | None, LearningResource]:
    wanted = select(LearningResource).where(
        LearningResource.owner_id == actor.user_id,
        col(LearningResource.external_id).in_([r.line.record.external_id for r in ready]),
    )
    return {resource.external_id: resource for resource in session.exec(wanted)}


def _columns(found: Ready) -> dict[str, Any]:
    record, school = found.line.record, found.school
    columns = {name: getattr(record, name) for name in REVISION_COLUMNS}
    if school is not None:
        columns["school_name"] = school.name
        columns["region_code"] = columns["region_code"] or school.region_code
    return columns


def _new(actor: Actor, found: Ready, short_code: str) -> _New:
    columns, school = _columns(found), found.school
    _require_whole(columns, school)
    resource = {
        "id": new_id(),
        "short_code": short_code,
        "owner_id": actor.user_id,
        "school_id": school.id if school else None,
        "external_id": found.line.record.external_id,
        "import_digest": found.line.digest,
    }
    revision = {
        **columns,
        "id": new_id(),
        "resource_id": resource["id"],
        "number": 1,
        "author_id": actor.user_id,
        "import_approved_by": actor.user_id if found.line.record.published else None,
    }
    return _New(found, resource, revision)


def _require_whole(columns: dict[str, Any], school: School | None) -> None:
    school_id = school.id if school else None
    for wrong in lacks(columns["title"], columns["visibility"], columns["region_code"], school_id).values():
        raise Conflict(wrong)


def _add(session: Session, actor: Actor, new: Sequence[_New]) -> None:
    """Add resources, their drafts and parts, then publish those that say so: a statement for each table."""
    _insert(session, LearningResource, [n.resource for n in new])
    _insert(session, Revision, [n.revision for n in new])
    _add_parts(session, [(n.ready, n.revision["id"]) for n in new])
    _publish_all(session, [n for n in new if n.is_published])
    events = [_event(n.ready, n.resource["id"], number=1) for n in new]
    audit.record_all(session, actor, "learning_resource", events)


def _insert(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.exec(insert(model), params=rows_of(model, rows))


def _add_parts(session: Session, ready: Sequence[tuple[Ready, UUID]]) -> None:
    """Add alignments and files while their revisions are drafts."""
    ties = [
        {"revision_id": revision_id, "framework_item_id": item_id, "relation": relation, "provenance": "import"}
        for found, revision_id in ready
        for item_id, relation in dict.fromkeys(found.ties)
    ]
    files = [
        {"revision_id": revision_id, "asset_id": asset_id, "position": position}
        for found, revision_id in ready
        for position, asset_id in enumerate(dict.fromkeys(found.asset_ids))
    ]
    _insert(session, Alignment, ties)
    _insert(session, RevisionFile, files)


def _publish_all(session: Session, fresh: Sequence[_New]) -> None:
    """Publish revisions of resources that have no other."""
    at, ids = now(), [n.resource["id"] for n in fresh]
    unsynchronised = {"synchronize_session": False}
    session.exec(
        update(Revision)
        .where(col(Revision.id).in_([n.revision["id"] for n in fresh]))
        .values(state=RevisionState.PUBLISHED.value, published_at=at)
        .execution_options(**unsynchronised)
    )
    of_resource = (
        select(Revision.id)
        .where(col(Revision.resource_id) == col(LearningResource.id), Revision.state == RevisionState.PUBLISHED.value)
        .scalar_subquery()
    )
    session.exec(
        update(LearningResource)
        .where(col(LearningResource.id).in_(ids))
        .values(published_revision_id=of_resource, published_at=at)
        .execution_options(**unsynchronised)
    )
    request_reindex(session, *ids)


def _event(found: Ready, resource_id: UUID, *, number: int) -> tuple[str, UUID, dict[str, Any]]:
    record = found.line.record
    action = "resource.import_approve" if record.published else "resource.import"
    return action, resource_id, {"number": number, "external_id": record.external_id, "line": found.line.number}


def _revise(session: Session, actor: Actor, found: Ready, resource: LearningResource) -> None:
    """Make the record a new revision of a resource imported before; raises ``Conflict`` when that cannot be."""
    revision = _next_revision(session, actor, found, resource)
    _require_whole(_columns(found), found.school)
    resource.school_id = found.school.id if found.school else None
    resource.import_digest, resource.updated_at = found.line.digest, now()
    session.add_all([resource, revision])
    session.flush()  # parts refer to the revision
    _add_parts(session, [(found, revision.id)])
    if found.line.record.published:
        revision.import_approved_by = actor.user_id
        session.add(revision)
        publish(session, resource, revision)
    audit.record_all(session, actor, "learning_resource", [_event(found, resource.id, number=revision.number)])


def _next_revision(session: Session, actor: Actor, found: Ready, resource: LearningResource) -> Revision:
    if resource.standing != Standing.ACTIVE:
        raise Conflict(say("编号 {id} 的资源已撤回、下架或删除。", id=resource.external_id))
    latest = latest_revision(session, resource.id)
    if latest.state in UNDER_REVIEW:
        raise Conflict(say("编号 {id} 的资源正在审核。", id=resource.external_id))
    assert actor.user_id is not None
    number, columns = latest.number + 1, _columns(found)
    if latest.state != RevisionState.DRAFT:
        return Revision(resource_id=resource.id, number=number, author_id=actor.user_id, **columns)
    for part in (RevisionFile, Alignment):
        session.exec(delete(part).where(col(part.revision_id) == latest.id))
    for name, value in {**columns, "number": number, "saved_at": now()}.items():
        setattr(latest, name, value)
    return latest
