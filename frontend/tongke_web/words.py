"""The words of the field for stored values: types, states, visibility."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tongke.i18n import Text, say
from tongke.resources.models import ResourceType, RevisionState, Standing, Visibility

TYPES: dict[str, Text] = {
    ResourceType.LESSON_VIDEO: say("视频课"),
    ResourceType.CLASSROOM_RECORDING: say("课堂实录"),
    ResourceType.SLIDES: say("课件"),
    ResourceType.LESSON_PLAN: say("教案"),
    ResourceType.WORKSHEET: say("学习单"),
    ResourceType.ASSESSMENT: say("练习与测评"),
    ResourceType.READING: say("阅读材料"),
    ResourceType.AUDIO: say("音频"),
    ResourceType.INTERACTIVE: say("互动课件"),
    ResourceType.EXPERIMENT: say("实验"),
    ResourceType.TEXTBOOK_COMPANION: say("教材配套"),
    ResourceType.OTHER: say("其他资源"),
}
TYPE_ICONS: dict[str, str] = {
    ResourceType.LESSON_VIDEO: "video",
    ResourceType.CLASSROOM_RECORDING: "recording",
    ResourceType.SLIDES: "slides",
    ResourceType.LESSON_PLAN: "plan",
    ResourceType.WORKSHEET: "worksheet",
    ResourceType.ASSESSMENT: "assessment",
    ResourceType.READING: "reading",
    ResourceType.AUDIO: "audio",
    ResourceType.INTERACTIVE: "interactive",
    ResourceType.EXPERIMENT: "experiment",
    ResourceType.TEXTBOOK_COMPANION: "textbook",
    ResourceType.OTHER: "other",
}
STATES: dict[str, Text] = {
    RevisionState.DRAFT: say("草稿"),
    RevisionState.SUBMITTED: say("待审核"),
    RevisionState.IN_REVIEW: say("审核中"),
    RevisionState.CHANGES_REQUESTED: say("请修改"),
    RevisionState.DECLINED: say("未通过"),
    RevisionState.PUBLISHED: say("已发布"),
    RevisionState.SUPERSEDED: say("旧版本"),
    Standing.WITHDRAWN: say("已撤回"),
    Standing.TAKEN_DOWN: say("已下架"),
    Standing.DELETED: say("已删除"),
}
STATE_LOOKS: dict[str, tuple[str, str]] = {
    RevisionState.DRAFT: ("", "edit"),
    RevisionState.SUBMITTED: ("is-waiting", "clock"),
    RevisionState.IN_REVIEW: ("is-waiting", "review"),
    RevisionState.CHANGES_REQUESTED: ("is-told", "propose"),
    RevisionState.DECLINED: ("is-bad", "error"),
    RevisionState.PUBLISHED: ("is-good", "check"),
    RevisionState.SUPERSEDED: ("", "history"),
    Standing.WITHDRAWN: ("", "retry"),
    Standing.TAKEN_DOWN: ("is-bad", "flag"),
    Standing.DELETED: ("", "trash"),
}
VISIBILITIES: dict[str, Text] = {
    Visibility.PUBLIC: say("所有人可见"),
    Visibility.REGION: say("本地区可见"),
    Visibility.SCHOOL: say("本校可见"),
    Visibility.PRIVATE: say("仅自己可见"),
}
PLACES: dict[str, str] = {"村": "is-village", "镇": "is-town", "城": "is-city"}
PLACE_WORDS: dict[str, Text] = {"村": say("村"), "镇": say("镇"), "城": say("城")}


def filters(locale: str) -> dict[str, Callable[..., Any]]:
    """``type_word``, ``state_word`` …: the word for a stored value; an unknown value stands for itself."""

    def word(words: dict[str, Text]) -> Callable[[str], str]:
        said = {value: text.in_locale(locale) for value, text in words.items()}
        return lambda value: said.get(value, value)

    return {
        "type_word": word(TYPES),
        "state_word": word(STATES),
        "visibility_word": word(VISIBILITIES),
        "place_word": word(PLACE_WORDS),
        "type_icon": lambda value: TYPE_ICONS.get(value, "other"),
        "state_look": lambda value: STATE_LOOKS.get(value, ("", "info")),
        "place_class": lambda value: PLACES.get(value, ""),
    }
