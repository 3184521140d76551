"""What facets and chips show: values the search page fills."""

from __future__ import annotations

from dataclasses import dataclass

from tongke.i18n import Text


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One box: the stored ``value``, the ``words`` people read, how many, and whether it is ticked."""

    value: str
    words: Text | str
    count: int
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """One group of boxes; ``name`` is the parameter of the address; ``more_url`` shows the ``more`` values left out."""

    name: str
    words: Text | str
    values: tuple[FacetValue, ...]
    is_open: bool = True
    more: int = 0
    more_url: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A choice in force; ``url`` is the same page without it."""

    words: Text | str
    url: str
