"""What a reviewer looks at: the seven axes of content review, and what matters for a type of resource."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tongke.errors import Invalid
from tongke.i18n import Text, say
from tongke.resources.models import ResourceType

AXES: dict[str, Text] = {
    "political": say("政治性：立场正确"),
    "guidance": say("导向性：价值导向健康"),
    "scientific": say("科学性：内容准确，没有知识错误"),
    "suitable": say("适用性：适合所写的年级和条件"),
    "standard": say("规范性：用字、标注、引用、地图合乎规范"),
    "timely": say("时效性：合乎现行教材和课标"),
    "public_good": say("公益性：没有广告和收费引导"),
}
_MOVING = {
    "picture_and_sound": say("画面和声音清楚"),
    "pupils_consent": say("出镜学生已取得同意，没有姓名牌"),
    "captions": say("有字幕，或讲话不看字幕也能懂"),
}
_PAGES = {"legible": say("字够大，后排看得清"), "sources": say("图片和引文写明来源")}
_TASKS = {"answers": say("题目无误，答案正确"), "printable": say("打印出来清楚")}
BY_TYPE: dict[str, dict[str, Text]] = {
    ResourceType.LESSON_VIDEO: _MOVING,
    ResourceType.CLASSROOM_RECORDING: _MOVING,
    ResourceType.SLIDES: _PAGES,
    ResourceType.LESSON_PLAN: {"complete": say("目标、过程、评价齐全"), **_PAGES},
    ResourceType.WORKSHEET: _TASKS,
    ResourceType.ASSESSMENT: _TASKS,
    ResourceType.READING: {"rights": say("文字可以公开传播")},
    ResourceType.AUDIO: {"sound": say("声音清楚，读音准确")},
    ResourceType.INTERACTIVE: {"works": say("能打开、能操作，键盘可用")},
    ResourceType.EXPERIMENT: {"safe": say("写明安全事项")},
}
_LONGEST = 10_000


def checklist_for(resource_type: str) -> dict[str, Text]:
    """The points a reviewer ticks for this type of resource, in order."""
    return {**AXES, **BY_TYPE.get(resource_type, {})}


def as_kept(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The checklist as it is kept: whatever the reviewer's form holds, within reason."""
    try:
        written = json.dumps(sent, ensure_ascii=False, allow_nan=False)
        fits = len(written.encode()) <= _LONGEST and "\\u0000" not in written
    except (ValueError, RecursionError):  # numbers that are none, halves of characters, endless depth
        fits = False
    if not fits:
        message = say("审核清单太长，或含有不能保存的字符。")
        raise Invalid(message, fields={"checklist": message})
    return dict(sent)
