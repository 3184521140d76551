"""Search engines behind one narrow protocol."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from tongke.config import SettingsError
from tongke.search.base import SearchEngine


def open_search(url: str) -> SearchEngine:
    """The engine at ``url``: ``embedded://<folder>``, or a Meilisearch at ``http(s)://:KEY@host:port``."""
    parts = urlsplit(url)
    match parts.scheme:
        case "embedded":
            from tongke.search.embedded import EmbeddedSearch  # the other profile does not load it

            return EmbeddedSearch(Path(unquote(parts.netloc + parts.path)))
        case "http" | "https":
            from tongke.search.meilisearch import MeilisearchSearch  # the SDK loads in the regional profile only

            return MeilisearchSearch.at(url)
        case _:
            raise SettingsError(f"TONGKE_SEARCH_URL: unknown scheme {parts.scheme!r}")
