"""A framework on its way in: what every reader of files makes, whatever the file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from tongke.curriculum.models import FrameworkFamily
from tongke.i18n import Text, say

NAMESPACE = UUID("6f6e7a3e-40a4-5c2e-9a54-9d1f5c0a2022")
MAX_ITEMS = 200_000
MAX_TEXT = 20_000
MAX_NAME = 200
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def id_of(identifier: str) -> UUID:
    """The same id for the same identifier on every installation."""
    return uuid5(NAMESPACE, identifier)


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 (the name Warning is Python's)
    """Something in the file that was mended or left out, and which item it was."""

    identifier: str
    message: Text


@dataclass(slots=True)
class OutlineItem:
    """An item as the file has it; ``parent`` and links name other items by identifier."""

    identifier: str
    title: str
    parent: str | None = None
    code: str = ""
    short: str = ""
    item_type: str = ""
    position: int | None = None
    subject: str = ""
    stage: str = ""
    grade: int | None = None
    volume: str = ""
    edition: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutlineLink:
    identifier: str
    kind: str
    origin: str
    destination: str
    position: int = 0


@dataclass(slots=True)
class Outline:
    """A framework as the file has it, with what had to be mended."""

    identifier: str
    title: str
    family: str = FrameworkFamily.STANDARD
    read_as: str = ""
    subject: str = ""
    stage: str = ""
    system: str = ""
    edition: str = ""
    creator: str = ""
    publisher: str = ""
    language: str = "zh-CN"
    adoption_status: str = ""
    source: str = ""
    notes: str = ""
    case_version: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    items: list[OutlineItem] = field(default_factory=list)
    links: list[OutlineLink] = field(default_factory=list)
    warnings: list[Warning_] = field(default_factory=list)

    def warn(self, identifier: str, message: Text) -> None:
        self.warnings.append(Warning_(identifier, message))

    @property
    def label(self) -> str:
        """What stands first in the trail of its items."""
        return f"{self.subject} {self.edition}" if self.family == FrameworkFamily.TEXTBOOK else self.title


def clean(text: Any, limit: int = MAX_TEXT) -> str:
    """``text`` as both databases can keep it: NFC, no NUL or lone surrogates, at most ``limit`` characters."""
    if text is None or isinstance(text, dict | list):
        return ""
    return unicodedata.normalize("NFC", _UNWANTED.sub("", str(text)).strip())[:limit]


def name_of(text: Any) -> str:
    """An identifier from a file; one too long to be a name is replaced by its digest."""
    whole = clean(text)
    return whole if len(whole) <= MAX_NAME else str(id_of(whole))


def without_duplicates(outline: Outline, items: Iterable[OutlineItem]) -> list[OutlineItem]:
    """The first of each identifier; the others are warned of and left out."""
    kept: dict[str, OutlineItem] = {}
    for item in items:
        if item.identifier in kept:
            outline.warn(item.identifier, say("标识重复，只保留第一条。"))
        else:
            kept[item.identifier] = item
    return list(kept.values())
