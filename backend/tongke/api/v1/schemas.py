"""What programs send and receive about resources."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from tongke.resources.models import Relation, ResourceType, Visibility
from tongke.resources.schemas import FILES, ExternalId, RecordFields, Title
from tongke.review.models import Decision

EXAMPLE: dict[str, Any] = {
    "external_id": "x1",
    "title": "小数除法",
    "description": "从分钱引入，讲清小数点对齐的道理。",
    "type": "lesson-video",
    "subject": "数学",
    "stage": "小学",
    "grade": 5,
    "volume": "上册",
    "edition": "人教版",
    "unit": "第三单元",
    "keywords": ["竖式"],
    "language": "zh-CN",
    "licence": "CC-BY-4.0",
    "author": "王秀英",
    "school": "千岛湖镇中心小学",
    "region": "330127",
    "visibility": "public",
}


Assets = Annotated[list[UUID], Field(max_length=FILES)]


class NewResource(RecordFields):
    """The bulk record's fields but ``files`` and ``published``, and ``assets``: ids that uploads answered with."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    external_id: ExternalId | None = None
    title: Annotated[Title, StringConstraints(min_length=1)]
    assets: Assets = Field(default_factory=list)


class ResourceChange(RecordFields):
    """Any of the fields; what is left out stays. On a published resource this opens a pending revision."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "小数除法（第二版）"}]})

    assets: Assets = Field(default_factory=list)


class Submission(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"commitment": True}]})

    commitment: StrictBool = Field(description="The submitter's word that the content is lawful and theirs to share.")


class Publication(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"decision": "publish", "comment": "", "checklist": {"scientific": True}}]},
    )

    decision: Decision = Decision.PUBLISH
    comment: str = Field("", description="The reason; required unless the decision is to publish.")
    checklist: dict[str, Any] = Field(default_factory=dict)


class Withdrawal(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "教材已更新"}]})

    reason: str


class AssetOut(BaseModel):
    id: UUID
    filename: str
    sha256: str = Field(description="Of what is stored.")
    received_sha256: str = Field(description="Of what arrived; differs where the camera position was taken out.")
    size_bytes: int
    media_type: str
    role: str
    language: str
    title: str
    url: str = Field(description="A signed address on the content origin; it ends with time, ask again for a new one.")


class RenditionOut(BaseModel):
    asset: UUID
    kind: str
    state: Literal["queued", "running", "ready", "failed"]
    progress: float
    size_bytes: int
    url: str | None = Field(description="Once it is ready.")


class AlignmentOut(BaseModel):
    framework: str = Field(description="The framework's identifier.")
    framework_item: UUID
    code: str
    statement: str
    relation: Relation
    provenance: str


class PendingOut(BaseModel):
    number: int
    state: str
    title: str


class ResourceOut(BaseModel):
    """A resource as the asker may see it."""

    id: UUID
    external_id: str | None
    short_code: str
    url: str
    state: str = Field(
        description="withdrawn, taken_down; else published when a revision is; else the state of the latest revision."
    )
    state_reason: str = Field(description="Why it was withdrawn or taken down.")
    revision: int = Field(description="The number of the revision shown here.")
    pending: PendingOut | None = Field(description="A revision newer than the published one, for its author.")
    title: str
    description: str
    type: ResourceType
    subject: str
    stage: str
    grade: int | None
    volume: str
    edition: str
    unit: str
    keywords: list[str]
    language: str
    audience: list[str]
    licence: str
    licence_url: str
    author: str
    school: str
    region: str
    time_required_s: int | None
    conditions: list[str]
    accessibility: list[str]
    ai_generated: bool
    visibility: Visibility
    alignments: list[AlignmentOut]
    assets: list[AssetOut]
    renditions: list[RenditionOut]
    is_based_on: str | None = Field(description="Address of the resource this one was adapted from.")
    rating: float | None
    rating_count: int
    use_count: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None


class ResourceLine(BaseModel):
    """A resource in an answer to a search."""

    id: UUID
    external_id: str | None
    title: str
    url: str
    description: str
    type: str
    subject: str
    stage: str
    grade: int | None
    volume: str
    edition: str
    unit: str
    language: str
    licence: str
    author: str
    school: str
    school_kind: str
    region: str
    duration_s: float | None
    rating: float
    rating_count: int
    published_at: datetime


class ResourceList(BaseModel):
    items: list[ResourceLine]
    total: int
    total_is_exact: bool = Field(description="False above 10,000 hits, where the engine may answer with bounds.")
    facets: dict[str, dict[str, int]] = Field(description="Each facet's counts ignore its own selection.")
    page: int
    page_size: int
    notice: str | None = Field(None, description="Set while the search engine is away and the database answers.")


class SchoolOut(BaseModel):
    id: UUID
    code: str
    name: str
    kind: str
    locality: str
    region: str


class SchoolList(BaseModel):
    items: list[SchoolOut]
    total: int
    page: int
    page_size: int


class ProblemOut(BaseModel):
    """A problem as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of an operation, for its OpenAPI description."""
    words = {
        401: "Nobody is signed in, and this needs somebody.",
        403: "The asker sees it but may not do this.",
        404: "It does not exist, or the asker may not learn that it does.",
        409: "It is in a state in which this cannot be done.",
        422: "What was sent does not hold; `errors` names the fields.",
    }
    return {
        status: {
            "model": ProblemOut,
            "description": words[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}},
        }
        for status in statuses
    }
