"""What a reader asks for: the parameters of ``/resources`` and ``GET /api/v1/resources``, checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode
from uuid import UUID

from tongke.errors import Invalid
from tongke.i18n import Text, say
from tongke.search.base import FACETS, Sort

MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 20
MAX_VALUES = 50
MAX_TEXT = 500
FILTERS = (*FACETS, "framework_item")
_GRADES = frozenset(str(grade) for grade in range(1, 13))
_REGION = re.compile(r"[0-9]{1,12}")
_WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class ResourceQuery:
    """A question; ``filters`` maps a parameter to the values of which one must hold."""

    text: str = ""
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    page_size: int = DEFAULT_PAGE_SIZE

    @classmethod
    def of(cls, parameters: Iterable[tuple[str, str]]) -> ResourceQuery:
        """The question in the parameters of an address, repeats and all; raises ``Invalid`` naming what is wrong.

        Empty values are what forms send for "no choice"; parameters of others are passed over.
        """
        given: dict[str, list[str]] = {}
        for name, value in parameters:
            if value.strip():
                given.setdefault(name, []).append(_clean(value))
        wrong: dict[str, Text] = {}
        query = cls(
            text=given.get("q", [""])[-1][:MAX_TEXT],
            filters={name: _values(name, given[name], wrong) for name in FILTERS if name in given},
            sort=_sort(given, wrong),
            page=_whole(given, "page", 1, None, wrong),
            page_size=_whole(given, "page_size", DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, wrong),
        )
        if wrong:
            raise Invalid(say("查询条件有误。"), fields=wrong)
        return query

    def parameters(self) -> list[tuple[str, str]]:
        """The question as the shortest address that asks it again."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name in FILTERS for value in self.filters.get(name, ())]
        if self.sort is not Sort.RELEVANCE:
            pairs.append(("sort", self.sort.value))
        if self.page_size != DEFAULT_PAGE_SIZE:
            pairs.append(("page_size", str(self.page_size)))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return pairs

    def query_string(self) -> str:
        """``parameters`` as they stand behind the question mark."""
        return urlencode(self.parameters())

    def on_page(self, page: int) -> ResourceQuery:
        return replace(self, page=page)

    def toggled(self, name: str, value: str) -> ResourceQuery:
        """The same question with ``value`` chosen, or no longer chosen, from its first page."""
        chosen = self.filters.get(name, ())
        left = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        filters = {**self.filters, name: left}
        return replace(self, filters={n: values for n, values in filters.items() if values}, page=1)

    def has_chosen(self, name: str, value: str) -> bool:
        return value in self.filters.get(name, ())


def _clean(value: str) -> str:
    """``value`` without what no database takes: control characters, halves of characters."""
    whole = value.encode("utf-8", "replace").decode()
    kept = "".join(" " if unicodedata.category(c) == "Cc" else c for c in whole)
    return unicodedata.normalize("NFC", kept).strip()


def _values(name: str, given: list[str], wrong: dict[str, Text]) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(value for value in given if value))
    if len(values) > MAX_VALUES:
        wrong[name] = say("最多选择 {count} 项。", count=MAX_VALUES)
    elif name == "grade" and not _GRADES.issuperset(values):
        wrong[name] = say("年级是 1 到 12 的数字。")
    elif name == "region" and not all(_REGION.fullmatch(value) for value in values):
        wrong[name] = say("地区是行政区划代码的前几位数字。")
    elif name == "framework_item":
        return _ids(values, wrong)
    return tuple(value[:9] for value in values) if name == "region" else values


def _ids(values: tuple[str, ...], wrong: dict[str, Text]) -> tuple[str, ...]:
    try:
        return tuple(str(UUID(value)) for value in values)
    except ValueError:
        wrong["framework_item"] = say("没有这样的课标或教材条目。")
        return ()


def _sort(given: dict[str, list[str]], wrong: dict[str, Text]) -> Sort:
    asked = given.get("sort", [Sort.RELEVANCE])[-1]
    try:
        return Sort(asked)
    except ValueError:
        wrong["sort"] = say("排序方式是 relevance、newest 或 rating。")
        return Sort.RELEVANCE


def _whole(given: dict[str, list[str]], name: str, default: int, highest: int | None, wrong: dict[str, Text]) -> int:
    asked = given.get(name, [str(default)])[-1]
    if _WHOLE.fullmatch(asked) and 1 <= int(asked) <= (highest or int(asked)):
        return int(asked)
    wrong[name] = say("应为 1 到 {highest} 的整数。", highest=highest) if highest else say("应为大于 0 的整数。")
    return default
