"""Writing: drafts, new revisions, going back to an older one, building on somebody else's work."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, delete, func, select

from tongke.accounts.actor import Actor
from tongke.audit import service as audit
from tongke.errors import Conflict, Forbidden, NotFound, require
from tongke.i18n import say
from tongke.resources import policy
from tongke.resources.content import content_of, copy_parts, hold, touched
from tongke.resources.licences import licence_of
from tongke.resources.models import (
    Alignment,
    LearningResource,
    Revision,
    RevisionFile,
    RevisionState,
    Standing,
)
from tongke.resources.queries import latest_revision, published_revision
from tongke.resources.schemas import RevisionFields
from tongke.resources.short_codes import new_short_codes

UNDER_REVIEW = (RevisionState.SUBMITTED, RevisionState.IN_REVIEW)


class Draft(NamedTuple):
    """A resource and the revision of it that is being written."""

    resource: LearningResource
    revision: Revision


def create_draft(
    session: Session,
    actor: Actor,
    fields: RevisionFields,
    *,
    external_id: str | None = None,
    is_based_on: LearningResource | None = None,
) -> Draft:
    """Open a new resource with its first draft; author, school and region default to the actor's own."""
    require(policy.may_create(actor), say("您的账号不能创建资源。"))
    assert actor.user_id is not None
    if external_id is not None:
        _refuse_taken(session, actor.user_id, external_id)
    resource = LearningResource(
        short_code=new_short_codes(session, 1)[0],
        owner_id=actor.user_id,
        school_id=actor.school_id,
        external_id=external_id,
        is_based_on_id=is_based_on.id if is_based_on else None,
    )
    session.add(resource)
    session.flush()  # the revision refers to the resource
    own = {"author_name": actor.name, "school_name": actor.school_name, "region_code": actor.school_region}
    revision = Revision(
        resource_id=resource.id, number=1, author_id=actor.user_id, **{"title": "", **own, **fields.sent()}
    )
    session.add(revision)
    session.flush()  # files and alignments refer to the revision
    audit.record(session, actor, "resource.create", "learning_resource", resource.id)
    return Draft(resource, revision)


def _refuse_taken(session: Session, owner_id: UUID, external_id: str) -> None:
    taken = select(LearningResource.id).where(
        LearningResource.owner_id == owner_id, LearningResource.external_id == external_id
    )
    if session.exec(taken).first():
        raise Conflict(say("您已经有一个外部编号为 {id} 的资源。", id=external_id))


def open_draft(session: Session, actor: Actor, resource: LearningResource) -> Revision:
    """Return the draft being written, starting a new revision when the latest one is settled.

    Raises ``Forbidden``, or ``Conflict`` while the latest revision is under review.
    """
    hold(session, resource)
    require(policy.may_edit(actor, resource), say("只有作者可以修改这个资源。"))
    latest = latest_revision(session, resource.id)
    if latest.state == RevisionState.DRAFT:
        return latest
    return start_revision(session, actor, resource, published_revision(session, resource) or latest)


def save_draft(session: Session, actor: Actor, resource: LearningResource, fields: RevisionFields) -> Revision:
    """Keep what was sent in the draft; what was not sent stays as it is."""
    revision = touched(open_draft(session, actor, resource))
    for name, value in fields.sent().items():
        setattr(revision, name, value)
    session.add(revision)
    return revision


def start_revision(session: Session, actor: Actor, resource: LearningResource, source: Revision) -> Revision:
    """Open a draft that starts as a copy of ``source``, a revision of this resource; readers see no change yet."""
    hold(session, resource)
    require(policy.may_edit(actor, resource), say("只有作者可以修改这个资源。"))
    assert actor.user_id is not None
    if source.resource_id != resource.id:
        raise NotFound
    latest = latest_revision(session, resource.id)
    if latest.state in UNDER_REVIEW:
        raise Conflict(say("最新的版本正在审核，审核结束后才能修改。"))
    if latest.state == RevisionState.DRAFT:
        raise Conflict(say("已经有一份正在写的草稿。"))
    revision = Revision(
        resource_id=resource.id,
        number=latest.number + 1,
        author_id=actor.user_id,
        based_on_number=source.number,
        **{**content_of(source), "change_note": ""},
    )
    session.add(revision)
    session.flush()  # files and alignments refer to the revision
    copy_parts(session, source, revision)
    audit.record(
        session,
        actor,
        "resource.revise",
        "learning_resource",
        resource.id,
        number=revision.number,
        source=source.number,
    )
    return revision


def restore_revision(session: Session, actor: Actor, resource: LearningResource, number: int) -> Revision:
    """Open a draft with the content of an older revision; a draft being written is given up for it."""
    hold(session, resource)
    require(policy.may_edit(actor, resource), say("只有作者可以修改这个资源。"))
    wanted = select(Revision).where(Revision.resource_id == resource.id, Revision.number == number)
    source = session.exec(wanted).first()
    if source is None:
        raise NotFound
    latest = latest_revision(session, resource.id)
    if latest.state == RevisionState.DRAFT:
        if latest.id == source.id:
            return latest
        _delete_draft(session, latest)
    return start_revision(session, actor, resource, source)


def discard_draft(session: Session, actor: Actor, resource: LearningResource) -> bool:
    """Give up the draft; a resource that never was anything else goes with it. Returns whether the resource stays."""
    hold(session, resource)
    require(policy.may_edit(actor, resource), say("只有作者可以删除草稿。"))
    latest = latest_revision(session, resource.id)
    if latest.state != RevisionState.DRAFT:
        raise Conflict(say("没有正在写的草稿。"))
    _delete_draft(session, latest)
    audit.record(session, actor, "resource.discard", "learning_resource", resource.id, number=latest.number)
    others = session.exec(select(func.count()).where(col(Revision.resource_id) == resource.id)).one()
    if not others:
        session.delete(resource)
    return others > 0


def _delete_draft(session: Session, revision: Revision) -> None:
    for part in (RevisionFile, Alignment):
        session.exec(delete(part).where(col(part.revision_id) == revision.id))
    session.delete(revision)
    session.flush()  # the one open revision of the resource must be gone before another is opened


def derive(session: Session, actor: Actor, source: LearningResource) -> Draft:
    """Start one's own adaptation of a published resource the actor may read; its lineage is kept.

    Raises ``Forbidden`` when the licence reserves changes to its author.
    """
    require(policy.may_derive(actor), say("您的账号不能改编资源。"))
    revision = published_revision(session, source)
    if revision is None or source.standing != Standing.ACTIVE:
        raise Conflict(say("只能改编已经发布的资源。"))
    licence = licence_of(revision.licence)
    if not licence.may_adapt and not policy.is_owner(actor, source):
        raise Forbidden(say("这个资源的许可是“{licence}”，不允许改编。您可以联系作者。", licence=licence.name))
    fields = RevisionFields.model_construct(**_derived(content_of(revision), actor))
    draft = create_draft(session, actor, fields, is_based_on=source)
    copy_parts(session, revision, draft.revision)
    audit.record(session, actor, "resource.derive", "learning_resource", draft.resource.id, source=str(source.id))
    return draft


def _derived(content: dict[str, Any], actor: Actor) -> dict[str, Any]:
    own = {"author_name": actor.name, "school_name": actor.school_name, "region_code": actor.school_region}
    return {**content, **own, "change_note": ""}
