"""The words for the fields of a revision, for comparisons and error lists."""

from __future__ import annotations

from typing import Any

from tongke.i18n import Text, say
from tongke.resources import vocabulary

FIELDS: dict[str, Text] = {
    "title": say("标题"),
    "description": say("简介"),
    "type": say("类型"),
    "subject": say("学科"),
    "stage": say("学段"),
    "grade": say("年级"),
    "volume": say("册次"),
    "edition": say("教材版本"),
    "unit": say("单元"),
    "keywords": say("关键词"),
    "language": say("语言"),
    "audience": say("适用对象"),
    "licence": say("许可"),
    "author_name": say("作者"),
    "school_name": say("学校"),
    "region_code": say("地区"),
    "time_required_s": say("所需时间"),
    "conditions": say("上课条件"),
    "accessibility": say("无障碍"),
    "ai_generated": say("AI 生成"),
    "visibility": say("谁能看到"),
    "change_note": say("改动说明"),
    "minutes": say("所需时间"),
    "commitment": say("承诺"),
}
_WORDS: dict[str, dict[str, Text]] = {
    "type": vocabulary.TYPES,
    "grade": vocabulary.GRADE_WORDS,
    "audience": vocabulary.AUDIENCES,
    "conditions": vocabulary.CONDITIONS,
    "accessibility": vocabulary.ACCESSIBILITY,
    "language": vocabulary.LANGUAGES,
    "visibility": vocabulary.VISIBILITIES,
}


def field_word(name: str) -> Text | str:
    return FIELDS.get(name, name)


def shown_value(name: str, value: Any) -> list[Text | str]:
    """A stored value as the words people read; nothing for what was not filled in."""
    if value in (None, "", []):
        return []
    if isinstance(value, bool):
        return [say("是") if value else say("否")]
    if name == "time_required_s":
        return [say("{n} 分钟", n=round(value / 60))]
    values = value if isinstance(value, list) else [value]
    words = _WORDS.get(name)
    return [vocabulary.label(words, str(v)) if words else str(v) for v in values]
