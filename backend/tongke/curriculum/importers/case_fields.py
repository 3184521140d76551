"""Single fields of CASE, in the shapes programs write them."""

from __future__ import annotations

import re
from typing import Any

from tongke.curriculum.outline import clean, name_of

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LAST_GRADE = 12


def listed(value: Any) -> list[Any]:
    """A list whatever stands there: one thing alone, a table by identifier, nothing."""
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict | str | int)]
    if isinstance(value, dict):
        inner = list(value.values())
        return inner if inner and all(isinstance(one, dict) for one in inner) else [value]
    return [] if value in (None, "") else [value]


def first(node: dict[str, Any], *names: str) -> Any:
    """The value of the first of ``names`` that is there."""
    return next((node[name] for name in names if node.get(name) not in (None, "")), None)


def identifier_of(node: dict[str, Any]) -> str:
    """The node's identifier, or the last part of its address; empty when it has neither."""
    return name_of(node.get("identifier")) or name_of(clean(node.get("uri")).rstrip("/").rsplit("/", 1)[-1])


def word_of(value: Any) -> str:
    """The words of a value that may be a link object."""
    return clean(value.get("title") if isinstance(value, dict) else value, 200)


def number_of(value: Any) -> int | None:
    """A place in an order, when it is a number that a database can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def grade_of(levels: list[str]) -> int | None:
    """The grade when an item is meant for exactly one."""
    grades = {int(level) for level in levels if re.fullmatch(r"[0-9]{1,2}", level)}
    grade = grades.pop() if len(grades) == 1 else 0
    return grade if 1 <= grade <= _LAST_GRADE else None


def language_of(node: dict[str, Any]) -> str:
    said = clean(node.get("language"), 35)
    return said if _LANGUAGE.fullmatch(said) else "en"
