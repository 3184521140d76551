"""What the chapter somebody aligned a draft to says about it: subject, grade, edition, unit."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tongke.accounts.actor import Actor
from tongke.curriculum import queries as curriculum
from tongke.http.deps import Db
from tongke.resources import service, views
from tongke.resources.models import LearningResource, Revision
from tongke.resources.schemas import draft_fields

PLACE_FIELDS = ("subject", "stage", "grade", "volume", "edition", "unit")
_UNIT_DEPTH = 1


def fill_place(db: Db, actor: Actor, resource: LearningResource, item_id: UUID) -> list[str]:
    """Fill those of the place's fields that are empty from a chapter; returns which were filled."""
    revision = views.detail(db, actor, resource.id, pending=True).revision
    said = _place_of(db, item_id)
    filled = {name: said[name] for name in PLACE_FIELDS if said[name] and not getattr(revision, name)}
    if filled and not _contradicts(revision, said):
        service.save_draft(db, actor, resource, draft_fields(filled))
        return list(filled)
    return []


def _contradicts(revision: Revision, said: dict[str, str | int | None]) -> bool:
    """Whether the author has put the draft elsewhere: half of one book and half of another help nobody."""
    return any(
        getattr(revision, name) and said[name] and getattr(revision, name) != said[name] for name in PLACE_FIELDS
    )


def _place_of(db: Db, item_id: UUID) -> dict[str, str | int | None]:
    line = curriculum.lines_of(db, [item_id])[item_id]
    said: dict[str, str | int | None] = {name: getattr(line, name) for name in PLACE_FIELDS if name != "unit"}
    said["unit"] = ""
    if line.edition:
        way = [*curriculum.ancestors(db, line), line]
        said["unit"] = next((one.title for one in way if one.depth == _UNIT_DEPTH), "")
    return said


def clear_place(db: Db, actor: Actor, resource: LearningResource, names: Iterable[str]) -> None:
    """Take back what ``fill_place`` filled."""
    empty = {name: None if name == "grade" else "" for name in names if name in PLACE_FIELDS}
    if empty:
        service.save_draft(db, actor, resource, draft_fields(empty))
