"""How stored values are drawn, and the vocabulary as filters of the templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tongke.i18n import Text, say
from tongke.resources import vocabulary
from tongke.resources.models import ResourceType, RevisionState, Standing

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
PLACES: dict[str, str] = {"村": "is-village", "镇": "is-town", "城": "is-city"}
PLACE_WORDS: dict[str, Text] = {"村": say("村"), "镇": say("镇"), "城": say("城")}


def filters(locale: str) -> dict[str, Callable[..., Any]]:
    """``type_word``, ``state_word`` …: the word for a stored value; an unknown value stands for itself."""

    def word(words: dict[str, Text]) -> Callable[[Any], str]:
        said = {value: text.in_locale(locale) for value, text in words.items()}
        return lambda value: said.get(str(value), str(value))

    return {
        "type_word": word(vocabulary.TYPES),
        "state_word": word(vocabulary.STATES),
        "visibility_word": word(vocabulary.VISIBILITIES),
        "grade_word": word(vocabulary.GRADE_WORDS),
        "place_word": word(PLACE_WORDS),
        "type_icon": lambda value: TYPE_ICONS.get(value, "other"),
        "state_look": lambda value: STATE_LOOKS.get(value, ("", "info")),
        "place_class": lambda value: PLACES.get(value, ""),
    }
