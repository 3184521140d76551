"""One demo resource: its files taken in, its drafts written, everything that happened to it done by whoever did it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tongke.accounts.actor import Actor
from tongke.config import Settings
from tongke.db import reading, transaction
from tongke.demo.manifest import CONTENT, DemoResource, File, Step
from tongke.demo.people import Cast
from tongke.media.ingest import ingest, sha256_of
from tongke.media.models import Asset
from tongke.resources import service
from tongke.resources.alignments import FrameworkCodes
from tongke.resources.models import LearningResource
from tongke.resources.schemas import AlignmentWish, draft_fields
from tongke.review import service as review
from tongke.review.models import Decision
from tongke.storage.base import BlobStore

_DECISIONS = {d.value: d for d in Decision}


@dataclass(frozen=True, slots=True)
class Stage:
    """What telling a story needs."""

    engine: Engine
    store: BlobStore
    settings: Settings
    people: Cast


def known(session: Session, people: Cast, told: DemoResource) -> LearningResource | None:
    """The resource, if its story was told before."""
    return session.exec(
        select(LearningResource).where(
            LearningResource.owner_id == people[told.author].user_id,
            LearningResource.external_id == external_id(told.key),
        )
    ).first()


def external_id(key: str) -> str:
    return f"demo:{key}"


def tell_story(stage: Stage, told: DemoResource, base: DemoResource | None) -> bool:
    """Tell it unless it was told before. All but the files is one transaction: killed, it is told anew next time."""
    with reading(stage.engine) as session:
        if known(session, stage.people, told):
            return False
    author = stage.people[told.author]
    paths = {path for file in told.all_files() for path in file.paths()}
    names = {file.path: file.name for file in told.all_files()}
    assets = {path: _taken_in(stage, author, path, names.get(path, path)) for path in sorted(paths)}
    with transaction(stage.engine) as session:
        resource = _begin(session, stage, author, told, base)
        _write_files(session, author, resource, told.files, assets)
        for step in told.steps:
            _do(session, stage, author, resource, step, assets)
        for _ in range(told.uses):
            service.count_use(session, resource.id)
    return True


def _taken_in(stage: Stage, author: Actor, path: str, name: str) -> UUID:
    """The asset of a file; one that an earlier, killed run took in is used again."""
    source = CONTENT / path
    sha256 = sha256_of(source)
    mine = select(Asset.id).where(Asset.owner_id == author.user_id, col(Asset.received_sha256) == sha256)
    with reading(stage.engine) as session:
        if found := session.exec(mine).first():
            return found
    return ingest(stage.engine, stage.store, author, source, name, settings=stage.settings, received_sha256=sha256).id


def _begin(
    session: Session, stage: Stage, author: Actor, told: DemoResource, base: DemoResource | None
) -> LearningResource:
    resource, _ = service.create_draft(
        session,
        author,
        draft_fields(told.fields),
        external_id=external_id(told.key),
        is_based_on=known(session, stage.people, base) if base else None,
    )
    wishes = [AlignmentWish(framework=t.framework, code=t.code, relation=t.relation) for t in told.alignments]
    codes = FrameworkCodes()
    codes.learn(session, wishes)
    service.set_alignments(session, author, resource, codes.ties(wishes))
    return resource


def _write_files(
    session: Session, author: Actor, resource: LearningResource, files: tuple[File, ...], assets: dict[str, UUID]
) -> None:
    service.set_files(session, author, resource, [assets[file.path] for file in files])
    for file in files:
        if file.title:
            service.entitle(session, author, resource, assets[file.path], file.title)
        for captions in file.captions:
            service.attach_captions(
                session,
                author,
                resource,
                captions=assets[captions.path],
                about=assets[file.path],
                language=captions.language,
            )


def _do(
    session: Session, stage: Stage, author: Actor, resource: LearningResource, step: Step, assets: dict[str, UUID]
) -> None:
    actor = stage.people[step.by] if step.by else author
    match step.do:
        case "submit":
            review.submit(session, actor, resource, commitment=True)
        case "claim":
            review.claim(session, actor, resource)
        case "revise":
            service.save_draft(session, actor, resource, draft_fields(step.fields))
            if step.files:
                _write_files(session, actor, resource, step.files, assets)
        case "withdraw":
            service.withdraw(session, actor, resource, reason=step.reason)
        case "take_down":
            service.take_down(session, actor, resource, reason=step.reason)
        case decision:
            review.decide(
                session,
                actor,
                stage.store,
                resource,
                decision=_DECISIONS[decision],
                comment=step.comment,
                checklist=step.checklist,
            )
