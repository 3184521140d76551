"""The files of a draft: attaching, ordering, captions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, delete, select

from tongke.accounts.actor import Actor
from tongke.errors import Conflict, Invalid
from tongke.i18n import say
from tongke.media.models import Asset, MediaKind
from tongke.resources.content import files_of, touched
from tongke.resources.drafts import open_draft
from tongke.resources.models import (
    FileRole,
    LearningResource,
    Revision,
    RevisionFile,
    RevisionState,
    Standing,
    Visibility,
)
from tongke.resources.schemas import FILES

_TIMED = (MediaKind.VIDEO, MediaKind.AUDIO)


def attach(session: Session, actor: Actor, resource: LearningResource, asset_ids: Sequence[UUID]) -> Revision:
    """Add files at the end of the draft; ones already there stay where they are."""
    revision = open_draft(session, actor, resource)
    files = files_of(session, revision)
    present = {f.asset_id for f in files}
    added = [a for a in dict.fromkeys(asset_ids) if a not in present]
    assets = _attachable(session, actor, resource, added)
    return _arrange(session, revision, files + [_main(revision, assets[a]) for a in added])


def set_files(session: Session, actor: Actor, resource: LearningResource, asset_ids: Sequence[UUID]) -> Revision:
    """Make the draft's files exactly these, in this order; captions follow the files that stay."""
    revision = open_draft(session, actor, resource)
    files = files_of(session, revision)
    present = {f.asset_id: f for f in files}
    wanted = list(dict.fromkeys(asset_ids))
    assets = _attachable(session, actor, resource, [a for a in wanted if a not in present])
    arranged = [present.get(a) or _main(revision, assets[a]) for a in wanted]
    captions = [f for f in files if f.about_asset_id in wanted and f.asset_id not in wanted]
    return _arrange(session, revision, arranged + captions)


def detach(session: Session, actor: Actor, resource: LearningResource, asset_id: UUID) -> Revision:
    """Take a file out of the draft, and the captions about it."""
    revision = open_draft(session, actor, resource)
    stay = [f for f in files_of(session, revision) if asset_id not in (f.asset_id, f.about_asset_id)]
    return _arrange(session, revision, stay)


def reorder(session: Session, actor: Actor, resource: LearningResource, asset_ids: Sequence[UUID]) -> Revision:
    """Put the named files first, in this order; the others follow as they were."""
    revision = open_draft(session, actor, resource)
    rank = {asset_id: n for n, asset_id in enumerate(dict.fromkeys(asset_ids))}
    files = sorted(files_of(session, revision), key=lambda f: rank.get(f.asset_id, len(rank)))
    return _arrange(session, revision, files)


def entitle(session: Session, actor: Actor, resource: LearningResource, asset_id: UUID, title: str) -> Revision:
    """Give a file of the draft the name people read."""
    revision = open_draft(session, actor, resource)
    for file in files_of(session, revision):
        if file.asset_id == asset_id:
            file.title = title[:200]
            session.add(file)
            return touched(revision)
    raise _unknown([asset_id])


def attach_captions(
    session: Session,
    actor: Actor,
    resource: LearningResource,
    *,
    captions: UUID,
    about: UUID,
    language: str = "zh-CN",
    title: str = "",
) -> Revision:
    """Give a video or sound file of the draft captions in a language, in place of those it had in it."""
    revision = open_draft(session, actor, resource)
    files = files_of(session, revision)
    assets = _attachable(session, actor, resource, [captions])
    spoken = session.get(Asset, about)
    if spoken is None or spoken.kind not in _TIMED or about not in {f.asset_id for f in files}:
        raise Invalid(say("字幕要配给这份草稿里的视频或音频。"), fields={"about": say("请选择视频或音频。")})
    if assets[captions].kind != MediaKind.CAPTIONS:
        raise Invalid(say("字幕文件须是 VTT 或 SRT。"), fields={"captions": say("请选择字幕文件。")})
    stay = [f for f in files if (f.about_asset_id, f.language) != (about, language) and f.asset_id != captions]
    added = RevisionFile(
        revision_id=revision.id,
        asset_id=captions,
        role=FileRole.CAPTIONS,
        about_asset_id=about,
        language=language,
        title=title[:200],
    )
    return _arrange(session, revision, [*stay, added])


def _main(revision: Revision, asset: Asset) -> RevisionFile:
    return RevisionFile(revision_id=revision.id, asset_id=asset.id, title="")


def _arrange(session: Session, revision: Revision, files: Sequence[RevisionFile]) -> Revision:
    """Replace the file rows: positions are unique, so they cannot be moved one by one."""
    if len(files) > FILES:
        raise Conflict(say("一个资源最多 {n} 个文件。", n=FILES))
    rows = [f.model_dump(exclude={"id", "position"}) for f in files]
    session.exec(delete(RevisionFile).where(col(RevisionFile.revision_id) == revision.id))
    session.add_all(RevisionFile(**row, position=n) for n, row in enumerate(rows))
    return touched(revision)


def _attachable(
    session: Session, actor: Actor, resource: LearningResource, asset_ids: Sequence[UUID]
) -> dict[UUID, Asset]:
    """The assets, all of which the actor owns, or which stand in this resource or in a public one already."""
    assets = {a.id: a for a in session.exec(select(Asset).where(col(Asset.id).in_(asset_ids)))}
    foreign = [a.id for a in assets.values() if a.owner_id != actor.user_id]
    open_to = _open_assets(session, resource, foreign)
    refused = [a for a in asset_ids if a not in assets or (a in foreign and a not in open_to)]
    if refused:
        raise _unknown(refused)
    return assets


def _open_assets(session: Session, resource: LearningResource, asset_ids: Sequence[UUID]) -> set[UUID]:
    is_public = (
        (col(LearningResource.published_revision_id) == col(Revision.id))
        & (col(LearningResource.standing) == Standing.ACTIVE)
        & (col(Revision.state) == RevisionState.PUBLISHED)
        & (col(Revision.visibility) == Visibility.PUBLIC)
    )
    found = (
        select(RevisionFile.asset_id)
        .join(Revision, col(Revision.id) == col(RevisionFile.revision_id))
        .join(LearningResource, col(LearningResource.id) == col(Revision.resource_id))
        .where(col(RevisionFile.asset_id).in_(asset_ids), is_public | (col(LearningResource.id) == resource.id))
    )
    return set(session.exec(found))


def _unknown(asset_ids: Sequence[UUID]) -> Invalid:
    listed = "、".join(str(a) for a in asset_ids)
    message = say("没有找到文件 {listed}，或者它不属于您。", listed=listed)
    return Invalid(message, fields={"assets": message})
