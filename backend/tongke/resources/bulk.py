"""Bulk import: many records in batches, each line in or refused by itself, nothing half-written.

A record already imported unchanged (same ``external_id`` of the same importer, same content, same files) changes
nothing; a changed one is a new revision. Killed in the middle, the import is run again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.config import Settings
from tongke.db import reading, transaction
from tongke.errors import RefusedContent, TongkeError, require
from tongke.i18n import say
from tongke.media.ingest import ingest
from tongke.media.models import Asset
from tongke.resources.alignments import FrameworkCodes
from tongke.resources.bulk_records import Line, Refused, SourceFile, parse, read_lines
from tongke.resources.bulk_schools import Schools
from tongke.resources.bulk_write import Outcome, Ready, write_batch
from tongke.resources.models import LearningResource
from tongke.storage.base import BlobStore

BATCH = 500


@dataclass(slots=True)
class Progress:
    """How far the import is; ``refused`` grows by the lines that were not taken."""

    size_bytes: int
    read_bytes: int = 0
    lines: int = 0
    added: int = 0
    revised: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(slots=True)
class _Import:
    """One run: where things are and what it learnt on the way."""

    engine: Engine
    store: BlobStore
    settings: Settings
    actor: Actor
    folder: Path
    progress: Progress
    codes: FrameworkCodes = field(default_factory=FrameworkCodes)
    schools: Schools = field(default_factory=Schools)


def import_resources(
    engine: Engine, store: BlobStore, path: Path, actor: Actor, *, settings: Settings, batch: int = BATCH
) -> Iterator[Progress]:
    """Import ``path`` as ``actor``, a platform administrator; gives the same ``Progress`` after every batch.

    ``"published": true`` is approved by the actor, which the audit trail records. Raises ``Forbidden``.
    """
    require(actor.is_a(Role.PLATFORM_ADMIN), say("批量导入要由平台管理员进行。"))
    run = _Import(engine, store, settings, actor, path.parent, Progress(path.stat().st_size))
    waiting: dict[str, Line] = {}
    with path.open("rb") as stream:
        for number, raw in read_lines(stream):
            run.progress.lines += 1
            line = _parsed(run, number, raw)
            if line is not None and line.record.external_id in waiting:
                yield _finished(run, waiting, stream.tell())  # the second of a pair finds the first one in place
            if line is not None:
                waiting[line.record.external_id] = line
            if len(waiting) >= batch:
                yield _finished(run, waiting, stream.tell())
        yield _finished(run, waiting, run.progress.size_bytes)


def _parsed(run: _Import, number: int, raw: bytes) -> Line | None:
    try:
        return parse(number, raw, run.folder)
    except TongkeError as error:
        run.progress.refused.append(Refused(number, error.message))
        return None


def _finished(run: _Import, waiting: dict[str, Line], read_bytes: int) -> Progress:
    """Write what waits and empty it."""
    lines = list(waiting.values())
    waiting.clear()
    with reading(run.engine) as session:
        changed = _changed(run, session, lines)
        ready = _ready(run, session, changed)
    ready = [found for found in ready if _take_files(run, found)]
    with transaction(run.engine) as session:
        outcome = write_batch(session, run.actor, ready)
    _count(run.progress, outcome, len(lines) - len(changed))
    run.progress.read_bytes = read_bytes
    return run.progress


def _changed(run: _Import, session: Session, lines: Sequence[Line]) -> list[Line]:
    """The lines that are new, or not as they were imported last."""
    known = session.execute(
        select(LearningResource.external_id, LearningResource.import_digest).where(
            LearningResource.owner_id == run.actor.user_id,
            col(LearningResource.external_id).in_([line.record.external_id for line in lines]),
        )
    )
    digests = {row[0]: row[1] for row in known}
    return [line for line in lines if digests.get(line.record.external_id) != line.digest]


def _ready(run: _Import, session: Session, lines: Sequence[Line]) -> list[Ready]:
    """The lines with what they name looked up; those that name what is not there are refused."""
    run.codes.learn(session, (wish for line in lines for wish in line.record.alignments))
    run.schools.learn(session, {line.record.school_name for line in lines if line.record.school_name})
    found = []
    for line in lines:
        try:
            ties = run.codes.ties(line.record.alignments)
        except TongkeError as error:
            run.progress.refused.append(Refused(line.number, error.message))
            continue
        school = run.schools.find(line.record.school_name, line.record.region_code)
        found.append(Ready(line, ties, school))
    return found


def _take_files(run: _Import, ready: Ready) -> bool:
    """Bring the record's files through the one door for bytes; whether all were taken."""
    try:
        for file in ready.line.files:
            ready.asset_ids.append(_own_asset(run, file) or _taken(run, file))
    except RefusedContent as error:
        run.progress.refused.append(Refused(ready.line.number, error.message))
        return False
    return True


def _own_asset(run: _Import, file: SourceFile) -> UUID | None:
    """The importer's own asset of these bytes and this name, from an earlier import."""
    with reading(run.engine) as session:
        return session.exec(
            select(Asset.id).where(
                Asset.owner_id == run.actor.user_id,
                Asset.received_sha256 == file.sha256,
                Asset.filename == file.path.name,
            )
        ).first()


def _taken(run: _Import, file: SourceFile) -> UUID:
    made = ingest(run.engine, run.store, run.actor, file.path, file.path.name, settings=run.settings)
    return made.id


def _count(progress: Progress, outcome: Outcome, unchanged: int) -> None:
    progress.added += outcome.added
    progress.revised += outcome.revised
    progress.unchanged += unchanged
    progress.refused += outcome.refused
    progress.refused.sort(key=lambda r: r.line)
