"""Writing a batch of imported records: new ones in few statements, changed ones one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, delete, select, update

from tongke.accounts.actor import Actor
from tongke.accounts.models import School
from tongke.audit import service as audit
from tongke.db import now
from tongke.errors import Conflict, TongkeError
from tongke.i18n import say
from tongke.resources.alignments import Tie
from tongke.resources.bulk_records import Line, Refused
from tongke.resources.completeness import missing
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


def write_batch(session: Session, actor: Actor, ready: Sequence[Ready]) -> Outcome:
    """Write every record that can be; the others are told why in the outcome."""
    outcome = Outcome()
    known = _known(session, actor, ready)
    new: list[tuple[Ready, LearningResource, Revision]] = []
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


def _new(actor: Actor, found: Ready, short_code: str) -> tuple[Ready, LearningResource, Revision]:
    assert actor.user_id is not None
    resource = LearningResource(
        short_code=short_code,
        owner_id=actor.user_id,
        school_id=found.school.id if found.school else None,
        external_id=found.line.record.external_id,
        import_digest=found.line.digest,
    )
    revision = Revision(resource_id=resource.id, number=1, author_id=actor.user_id, **_columns(found))
    _require_whole(resource, revision)
    return found, resource, revision


def _require_whole(resource: LearningResource, revision: Revision) -> None:
    for wrong in missing(resource, revision).values():
        raise Conflict(wrong)


def _add(session: Session, actor: Actor, new: Sequence[tuple[Ready, LearningResource, Revision]]) -> None:
    """Add resources, their drafts and parts, then publish those that say so, in a statement for each table."""
    session.add_all(resource for _, resource, _ in new)
    session.flush()  # revisions refer to resources
    session.add_all(revision for _, _, revision in new)
    session.flush()  # parts refer to revisions
    for found, resource, revision in new:
        _add_parts(session, found, revision)
        _record(session, actor, found, resource, revision)
    session.flush()  # parts are frozen once their revision is published
    _publish_all(session, actor, [(resource, r) for f, resource, r in new if f.line.record.published])


def _publish_all(session: Session, actor: Actor, fresh: Sequence[tuple[LearningResource, Revision]]) -> None:
    """Publish revisions of resources that have no other."""
    at, ids = now(), [resource.id for resource, _ in fresh]
    unsynchronised = {"synchronize_session": False}
    session.exec(
        update(Revision)
        .where(col(Revision.id).in_([revision.id for _, revision in fresh]))
        .values(state=RevisionState.PUBLISHED.value, published_at=at, import_approved_by=actor.user_id)
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


def _add_parts(session: Session, found: Ready, revision: Revision) -> None:
    session.add_all(
        Alignment(revision_id=revision.id, framework_item_id=item_id, relation=relation, provenance="import")
        for item_id, relation in dict.fromkeys(found.ties)
    )
    session.add_all(
        RevisionFile(revision_id=revision.id, asset_id=asset_id, position=position)
        for position, asset_id in enumerate(dict.fromkeys(found.asset_ids))
    )


def _record(session: Session, actor: Actor, found: Ready, resource: LearningResource, revision: Revision) -> None:
    action = "resource.import_approve" if found.line.record.published else "resource.import"
    audit.record(
        session, actor, action, "learning_resource", resource.id,
        number=revision.number, external_id=resource.external_id, line=found.line.number,
    )  # fmt: skip


def _revise(session: Session, actor: Actor, found: Ready, resource: LearningResource) -> None:
    """Make the record a new revision of a resource imported before; raises ``Conflict`` when that cannot be."""
    revision = _next_revision(session, actor, found, resource)
    resource.school_id = found.school.id if found.school else None
    _require_whole(resource, revision)
    resource.import_digest, resource.updated_at = found.line.digest, now()
    session.add_all([resource, revision])
    session.flush()  # parts refer to the revision
    _add_parts(session, found, revision)
    session.flush()  # parts are frozen once their revision is published
    if found.line.record.published:
        revision.import_approved_by = actor.user_id
        session.add(revision)
        publish(session, resource, revision)
    _record(session, actor, found, resource, revision)


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
