"""Frameworks, their items, and regions for programs; open to anybody, like the curriculum itself."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field

from tongke.accounts import regions
from tongke.curriculum import queries
from tongke.curriculum.models import FrameworkFamily
from tongke.curriculum.outline import clean
from tongke.http.deps import Db
from tongke.http.one_thread import OneThreadRoute

router = APIRouter(tags=["curriculum"], route_class=OneThreadRoute)
PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="From 1; past the end the page is empty.")]
PageSize = Annotated[int, Query(ge=1, le=100)]
Short = Annotated[str, AfterValidator(clean), Query(max_length=200)]
Code = Annotated[str, AfterValidator(clean), Query(max_length=9)]


class Framework(BaseModel):
    id: UUID
    identifier: str = Field(description="Its stable name, the same on every installation.")
    title: str
    family: FrameworkFamily
    origin: str
    subject: str
    stage: str
    system: str = Field(description="学制: 六三, 五四.")
    edition: str
    creator: str
    publisher: str
    language: str
    source: str = Field(description="Where its facts come from.")
    notes: str
    items: int


class FrameworkItem(BaseModel):
    id: UUID
    framework: UUID
    parent: UUID | None
    code: str
    title: str
    type: str
    trail: str = Field(description="What stands above it, as people read it.")
    depth: int
    subject: str
    stage: str
    grade: int | None
    volume: str
    edition: str
    has_children: bool


class RegionOut(BaseModel):
    code: str
    name: str
    level: str
    kind: str
    parent: str | None


class Frameworks(BaseModel):
    items: list[Framework]
    total: int
    page: int
    page_size: int


class FrameworkItems(BaseModel):
    items: list[FrameworkItem]
    total: int
    page: int
    page_size: int


class Regions(BaseModel):
    items: list[RegionOut]
    total: int
    page: int
    page_size: int


@router.get("/frameworks", name="api:frameworks")
def list_frameworks(
    session: Db,
    family: FrameworkFamily | None = None,
    subject: Short = "",
    stage: Short = "",
    edition: Short = "",
    system: Short = "",
    q: Short = "",
    page: PageNumber = 1,
    page_size: PageSize = 20,
) -> Frameworks:
    """Standards, textbooks and local curricula."""
    lines, total = queries.frameworks(
        session,
        family=family,
        subject=subject,
        stage=stage,
        edition=edition,
        system=system,
        text=q,
        limit=page_size,
        offset=(page - 1) * page_size,
    )
    found = [Framework.model_validate(_framework(line)) for line in lines]
    return Frameworks(items=found, total=total, page=page, page_size=page_size)


@router.get("/framework-items", name="api:framework_items")
def list_framework_items(
    session: Db,
    framework: Annotated[str, AfterValidator(clean), Query(max_length=200, description="Id or identifier.")] = "",
    parent: UUID | None = None,
    code: Short = "",
    q: Short = "",
    page: PageNumber = 1,
    page_size: PageSize = 20,
) -> FrameworkItems:
    """Items in tree order: all of a framework, those below ``parent``, those with a code, those with words."""
    document = queries.framework(session, framework) if framework else None
    lines, total = queries.items_page(
        session,
        document_id=document.id if document else None,
        parent_id=parent,
        code=code,
        text=q,
        limit=page_size,
        offset=(page - 1) * page_size,
    )
    return FrameworkItems(items=[_item(line) for line in lines], total=total, page=page, page_size=page_size)


@router.get("/regions", name="api:regions")
def list_regions(
    session: Db,
    parent: Code = "",
    within: Code = "",
    level: Annotated[str, Query(pattern="^(province|city|county|town|)$")] = "",
    q: Short = "",
    page: PageNumber = 1,
    page_size: PageSize = 100,
) -> Regions:
    """Regions: the provinces, those right below ``parent``, those whose code begins with ``within``, by name."""
    found, total = regions.regions_page(
        session,
        parent_code=parent,
        within=within,
        level=level or ("" if parent or within or q else "province"),
        text=q,
        limit=page_size,
        offset=(page - 1) * page_size,
    )
    listed = [RegionOut(code=r.code, name=r.name, level=r.level, kind=r.kind, parent=r.parent_code) for r in found]
    return Regions(items=listed, total=total, page=page, page_size=page_size)


def _framework(line: queries.FrameworkLine) -> dict[str, object]:
    names = (name for name in Framework.model_fields if name != "items")
    return {**{name: getattr(line, name) for name in names}, "items": line.item_count}


def _item(line: queries.ItemLine) -> FrameworkItem:
    return FrameworkItem(
        id=line.id,
        framework=line.document_id,
        parent=line.parent_id,
        code=line.code,
        title=line.title,
        type=line.item_type,
        trail=line.trail,
        depth=line.depth,
        subject=line.subject,
        stage=line.stage,
        grade=line.grade,
        volume=line.volume,
        edition=line.edition,
        has_children=line.has_children,
    )
