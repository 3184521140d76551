"""What the form of a draft holds, as fields of a revision."""

from __future__ import annotations

import re
from typing import Any

from starlette.datastructures import FormData

_TEXTS = (
    "title", "description", "type", "subject", "stage", "volume", "edition", "unit", "language", "licence",
    "author_name", "school_name", "region_code", "visibility", "change_note",
)  # fmt: skip
_LISTS = ("audience", "conditions", "accessibility")
SAID_AT = {"time_required_s": "minutes"}
"""Fields of a revision that the form asks for under another name: what is wrong with them is said there."""
_BETWEEN_KEYWORDS = re.compile(r"[,，、;；\n]+")


def text_of(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def fields_of(form: FormData) -> dict[str, Any]:
    """The fields the form holds, unchecked: what is wrong is said by ``draft_fields``."""
    found: dict[str, Any] = {name: text_of(form, name) for name in _TEXTS if name in form}
    found |= {name: [v for v in form.getlist(name) if isinstance(v, str)] for name in _LISTS}
    found["keywords"] = [k.strip() for k in _BETWEEN_KEYWORDS.split(text_of(form, "keywords")) if k.strip()]
    found["grade"] = text_of(form, "grade") or None
    found["time_required_s"] = _seconds(text_of(form, "minutes"))
    found["ai_generated"] = text_of(form, "ai_generated") == "true"
    return found


def _seconds(minutes: str) -> int | str | None:
    """Minutes as seconds; what is no number stays as it is, for the check to name."""
    if not minutes:
        return None
    try:
        return round(float(minutes) * 60)
    except (ValueError, OverflowError):
        return minutes
