"""The parameters of a search, for the OpenAPI description (``ResourceQuery`` reads them, repeats and all)."""

from __future__ import annotations

from typing import Any

from tongke.discovery.durations import LABELS
from tongke.resources.models import ResourceType
from tongke.search.base import Sort

_TEXT: dict[str, Any] = {"type": "string"}


def _parameter(name: str, schema: dict[str, Any], description: str, *, repeats: bool = True) -> dict[str, Any]:
    kind = {"type": "array", "items": schema} if repeats else schema
    return {"name": name, "in": "query", "required": False, "description": description, "schema": kind}


SEARCH_PARAMETERS: dict[str, Any] = {
    "parameters": [
        _parameter("q", _TEXT, "Words, parts of words, pinyin or initials.", repeats=False),
        _parameter("subject", _TEXT, "A label such as 数学."),
        _parameter("stage", _TEXT, "A label such as 小学."),
        _parameter("grade", {"type": "integer", "minimum": 1, "maximum": 12}, "1 to 9."),
        _parameter("edition", _TEXT, "A label such as 人教版."),
        _parameter("volume", _TEXT, "A label such as 上册."),
        _parameter("framework_item", {"type": "string", "format": "uuid"}, "Aligned to it or to what is below it."),
        _parameter("type", {"type": "string", "enum": [*ResourceType]}, "What kind of resource."),
        _parameter("language", _TEXT, "A language tag such as zh-CN."),
        _parameter("licence", _TEXT, "A licence such as CC-BY-4.0."),
        _parameter("region", {"type": "string", "pattern": "^[0-9]{1,12}$"}, "A region code or its beginning."),
        _parameter("school_kind", _TEXT, "A label such as 教学点."),
        _parameter("duration", {"type": "string", "enum": [*LABELS]}, "How long it takes."),
        _parameter("sort", {"type": "string", "enum": [*Sort], "default": "relevance"}, "The order.", repeats=False),
        _parameter("page", {"type": "integer", "minimum": 1, "default": 1}, "From 1.", repeats=False),
        _parameter(
            "page_size", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "At most 100.", repeats=False
        ),
    ]
}
