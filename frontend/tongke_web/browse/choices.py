"""Facets and chips of the search page, in the words people read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tongke.discovery.query import ResourceQuery
from tongke.discovery.service import Found
from tongke.i18n import Text, say
from tongke.resources import licences, vocabulary
from tongke_web.shared.facets import Chip, Facet, FacetValue

Names = dict[str, dict[str, str]]
WORDS: dict[str, Text] = {
    "subject": say("学科"),
    "stage": say("学段"),
    "grade": say("年级"),
    "edition": say("教材版本"),
    "volume": say("册次"),
    "type": say("类型"),
    "duration": say("时长"),
    "language": say("语言"),
    "licence": say("许可"),
    "region": say("地区"),
    "school_kind": say("学校类型"),
}
OPEN = frozenset({"subject", "grade", "type"})
SHOWN_VALUES = 12


def facets(
    found: Found, shown: Mapping[str, list[str]], names: Names, whole: str, address: Callable[[str], str]
) -> list[Facet]:
    """Every facet with the values that are ``shown`` (see ``shown_values``).

    ``whole`` names the facet that shows all of its values; ``address`` is that of the page with a facet whole.
    """
    return [
        _facet(found, name, shown[name], names, whole, address)
        for name in WORDS
        if found.facets.get(name) or name in found.query.filters
    ]


def _facet(found: Found, name: str, kept: list[str], names: Names, whole: str, address: Callable[[str], str]) -> Facet:
    counts = found.facets.get(name, {})
    chosen = found.query.filters.get(name, ())
    more = len(counts) - sum(value in counts for value in kept)
    return Facet(
        name,
        WORDS[name],
        tuple(FacetValue(v, word(name, v, names), counts.get(v, 0), v in chosen) for v in kept),
        name in OPEN or name == whole or bool(chosen),
        more,
        address(name) if more else "",
    )


def shown_values(found: Found, name: str, whole: str) -> list[str]:
    """The values of a facet that its boxes show, in order: the most frequent, and what is chosen."""
    counts = found.facets.get(name, {})
    chosen = found.query.filters.get(name, ())
    if name == "grade":
        kept = sorted(counts, key=int)
    elif name == whole:
        kept = sorted(counts, key=lambda value: (-counts[value], value))
    else:
        kept = _most_frequent(counts)
    return [*kept, *(value for value in chosen if value not in kept)]


def _most_frequent(counts: dict[str, int]) -> list[str]:
    """The ``SHOWN_VALUES`` values that occur most; counties are thousands, so only what may be shown is sorted."""
    candidates: Iterable[str] = counts
    if len(counts) > SHOWN_VALUES:
        fewest = sorted(counts.values(), reverse=True)[SHOWN_VALUES - 1]  # engines count in this order: hardly a sort
        candidates = [value for value, count in counts.items() if count >= fewest]
    return sorted(candidates, key=lambda value: (-counts[value], value))[:SHOWN_VALUES]


def chips(query: ResourceQuery, names: Names, address: Callable[[ResourceQuery], str]) -> list[Chip]:
    """The choices in force, each with the address of the page without it."""
    return [
        Chip(word(name, value, names), address(query.toggled(name, value)))
        for name, values in query.filters.items()
        for value in values
    ]


def word(name: str, value: str, names: Names) -> Text | str:
    """How people read a value of a facet."""
    match name:
        case "grade":
            return vocabulary.label(vocabulary.GRADE_WORDS, value)
        case "type":
            return vocabulary.label(vocabulary.TYPES, value)
        case "language":
            return vocabulary.label(vocabulary.LANGUAGES, value)
        case "licence":
            return licences.licence_of(value).name
        case "duration":
            return DURATIONS.get(value, value)
        case _:
            return names.get(name, {}).get(value) or value


DURATIONS: dict[str, Text] = {
    "5 分钟以内": say("5 分钟以内"),
    "5–15 分钟": say("5–15 分钟"),
    "15–30 分钟": say("15–30 分钟"),
    "30–60 分钟": say("30–60 分钟"),
    "60 分钟以上": say("60 分钟以上"),
}
