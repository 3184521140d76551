"""What can happen to frameworks: what is shipped is loaded, files are imported, local curricula are kept by hand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from tongke.accounts.actor import Actor
from tongke.audit.service import record
from tongke.curriculum import policy, store
from tongke.curriculum.importers import read_framework_file
from tongke.curriculum.local import (
    add_item,
    create_framework,
    move_item,
    rename_framework,
    rename_item,
    restore_item,
    retire_framework,
    retire_item,
)
from tongke.curriculum.models import CFDocument, FrameworkFamily, FrameworkOrigin
from tongke.curriculum.outline import Outline, Warning_, id_of
from tongke.curriculum.shipping import Loaded, is_current, load_shipped
from tongke.errors import Conflict, require
from tongke.i18n import say


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import read and did; ``warnings`` name the items that were mended or left out.

    What is aligned to ``changed_ids`` has to be indexed again.
    """

    document_id: UUID
    identifier: str
    title: str
    read_as: str
    added: int
    updated: int
    unchanged: int
    retired: int
    removed: int
    links: int
    changed_ids: frozenset[UUID]
    warnings: tuple[Warning_, ...]


def import_framework(session: Session, actor: Actor, source: Path | bytes, *, name: str = "") -> ImportReport:
    """Bring a CASE package or our CSV in, or up to date: items keep their ids, those gone retire if they are in use.

    Raises ``Forbidden``; ``Invalid`` with nothing changed.
    """
    require(policy.may_import(actor), say("只有平台管理员可以导入课程框架。"))
    return import_outline(session, actor, read_framework_file(source, name=name))


def import_outline(session: Session, actor: Actor, outline: Outline) -> ImportReport:
    """``import_framework`` for a file already read: reading is slow and belongs before the transaction."""
    require(policy.may_import(actor), say("只有平台管理员可以导入课程框架。"))
    present = session.get(CFDocument, id_of(outline.identifier))
    if present is not None and present.origin == FrameworkOrigin.SHIPPED:
        raise Conflict(say("“{title}”随平台发布，不能用文件覆盖。", title=present.title))
    origin = FrameworkOrigin.LOCAL if outline.family == FrameworkFamily.LOCAL else FrameworkOrigin.IMPORTED
    saved = store.save(session, outline, origin)
    record(
        session,
        actor,
        "framework.import",
        "framework",
        saved.document.id,
        read_as=outline.read_as,
        added=saved.added,
        updated=saved.updated,
        retired=saved.retired,
        removed=saved.removed,
    )
    return ImportReport(
        document_id=saved.document.id,
        identifier=outline.identifier,
        title=outline.title,
        read_as=outline.read_as,
        added=saved.added,
        updated=saved.updated,
        unchanged=saved.unchanged,
        retired=saved.retired,
        removed=saved.removed,
        links=saved.links,
        changed_ids=saved.changed_ids,
        warnings=tuple(outline.warnings),
    )


__all__ = [
    "ImportReport",
    "Loaded",
    "add_item",
    "create_framework",
    "import_framework",
    "import_outline",
    "is_current",
    "load_shipped",
    "move_item",
    "rename_framework",
    "rename_item",
    "restore_item",
    "retire_framework",
    "retire_item",
]
