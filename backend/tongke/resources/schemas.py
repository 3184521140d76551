"""What people and programs send about a resource, validated at the border.

Drafts are checked leniently (anything may be missing, nothing may be nonsense); ``completeness`` says what submitting
needs besides.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from tongke.errors import Invalid
from tongke.i18n import Text, joined, say
from tongke.resources import licences, vocabulary
from tongke.resources.models import Relation, ResourceType, Visibility

TITLE_LENGTH, LABEL_LENGTH, DESCRIPTION_LENGTH = 300, 120, 20_000
KEYWORDS, KEYWORD_LENGTH, ALIGNMENTS, FILES = 50, 60, 200, 100


def _composed(text: str) -> str:
    """Keep the text as sent, in composed form; only NUL, which no database keeps, is refused."""
    if "\0" in text:
        raise PydanticCustomError("nul_character", "contains a NUL character")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _listed(vocabulary_: Mapping[str, object]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in vocabulary_:
            raise PydanticCustomError("enum", "is not one of the listed values")
        return value

    return AfterValidator(check)


Title = Annotated[str, StringConstraints(max_length=TITLE_LENGTH), AfterValidator(_composed)]
Label = Annotated[str, StringConstraints(max_length=LABEL_LENGTH), AfterValidator(_composed)]
Words = Annotated[str, StringConstraints(max_length=DESCRIPTION_LENGTH), AfterValidator(_composed)]
Keyword = Annotated[str, StringConstraints(min_length=1, max_length=KEYWORD_LENGTH), AfterValidator(_composed)]
Keywords = Annotated[list[Keyword], Field(max_length=KEYWORDS)]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9})?$")]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_composed)]


class RevisionFields(BaseModel):
    """The describing fields of a revision; only those that were sent count (``sent``)."""

    model_config = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)

    title: Title = ""
    description: Words = ""
    type: ResourceType = ResourceType.OTHER
    subject: Label = ""
    stage: Label = ""
    grade: Annotated[int, Field(ge=1, le=12)] | None = None
    volume: Label = ""
    edition: Label = ""
    unit: Label = ""
    keywords: Keywords = []
    language: LanguageTag = "zh-CN"
    audience: list[Annotated[str, _listed(vocabulary.AUDIENCES)]] = []
    licence: Annotated[str, _listed(licences.LICENCES)] = licences.DEFAULT_LICENCE
    author_name: Label = Field("", alias="author")
    school_name: Label = Field("", alias="school")
    region_code: RegionCode = Field("", alias="region")
    time_required_s: Annotated[int, Field(ge=0, le=360_000)] | None = None
    conditions: list[Annotated[str, _listed(vocabulary.CONDITIONS)]] = []
    accessibility: list[Annotated[str, _listed(vocabulary.ACCESSIBILITY)]] = []
    ai_generated: bool = False
    visibility: Visibility = Visibility.PUBLIC
    change_note: Words = ""

    def sent(self) -> dict[str, Any]:
        """The columns that were sent, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set & REVISION_COLUMNS}


REVISION_COLUMNS = frozenset(RevisionFields.model_fields)


class AlignmentWish(BaseModel):
    """A framework item, by id or by its framework and code there, and how the resource relates to it."""

    model_config = ConfigDict(extra="forbid")

    framework_item: UUID | None = None
    framework: Label = ""
    code: Label = ""
    relation: Relation = Relation.TEACHES

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.framework_item is None and not (self.framework and self.code):
            raise PydanticCustomError("missing", "needs framework and code, or framework_item")
        return self


class RecordFields(RevisionFields):
    """The fields as records name them: ``author``, ``school``, ``region``."""

    model_config = ConfigDict(validate_by_name=False)

    alignments: Annotated[list[AlignmentWish], Field(max_length=ALIGNMENTS)] = []


class BulkRecord(RecordFields):
    """One line of a bulk import."""

    external_id: ExternalId
    title: Annotated[Title, StringConstraints(min_length=1)]
    files: Annotated[list[str], Field(max_length=FILES)] = []
    published: bool = False


def draft_fields(sent: Mapping[str, Any]) -> RevisionFields:
    """Check what a form or a service sent, by column name; raises ``Invalid`` naming every wrong field."""
    try:
        return RevisionFields.model_validate(dict(sent))
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError) -> Invalid:
    """The same as an error a person can be told about."""
    fields = sentences(error)
    listed = joined((Text("{name}: {text}", {"name": name, "text": text}) for name, text in fields.items()), "; ")
    return Invalid(say("有 {n} 处填写不符合要求：{listed}", n=len(fields), listed=listed), fields=fields)


def sentences(error: ValidationError) -> dict[str, Text]:
    """What is wrong with each field."""
    return {".".join(str(p) for p in found["loc"]): _sentence(found) for found in error.errors(include_url=False)}


_SENTENCES = {
    "missing": say("必须填写。"),
    "extra_forbidden": say("没有这个字段。"),
    "string_too_short": say("不能为空。"),
    "enum": say("不在可选的值里。"),
    "greater_than_equal": say("超出了允许的范围。"),
    "less_than_equal": say("超出了允许的范围。"),
    "nul_character": say("含有不能保存的字符。"),
    "json_invalid": say("不是有效的 JSON。"),
}


def _sentence(found: Mapping[str, Any]) -> Text:
    limits: Mapping[str, Any] = found.get("ctx") or {}
    if found["type"] == "string_too_long":
        return say("最多 {n} 个字。", n=limits["max_length"])
    if found["type"] == "too_long":
        return say("最多 {n} 项。", n=limits["max_length"])
    return _SENTENCES.get(found["type"]) or say("格式不对。")
