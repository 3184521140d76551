"""``SearchEngine`` on a Meilisearch server, through its official SDK."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

from meilisearch import Client
from meilisearch.errors import MeilisearchApiError, MeilisearchError
from meilisearch.models.task import TaskInfo

from tongke.errors import SearchUnavailable
from tongke.search import base, pinyin, text
from tongke.search.base import FACETS, MATCH_END, MATCH_START, MAX_EXACT_TOTAL, Document, Hit, Hits, IndexDamaged, Sort

DEFAULT_NAME = "tongke_resources"
MAX_TEXT = 40_000
MAX_SOUNDED = 400
_ANSWER_TIMEOUT_S = 5
_TASK_TIMEOUT_MS = 120_000
_TASK_POLL_MS = 25
_PAGE = 1_000
_SUGGESTIONS_READ = 60
_REBUILD_HEALS = frozenset(
    {"index_not_found", "invalid_search_filter", "invalid_search_facets", "invalid_search_sort", "immutable_field"}
)
"""What the server says when the index, or its settings, were taken away."""

_WORDS = ("title", "keywords", "unit", "curriculum", "description", "author", "school", "text")
_SOUNDS = ("title_sounds", "title_initials", "sounds", "initials")
_FIELD = {name: name for name in FACETS} | {"region": "county"}
_FILTER = {name: name for name in FACETS} | {"region": "regions", "framework_item": "framework_items"}
_MARKED = ("title", "description", "text")

SETTINGS: dict[str, Any] = {
    "searchableAttributes": ["title", "title_sounds", "title_initials", *_WORDS[1:-1], "sounds", "initials", "text"],
    "displayedAttributes": ["id", *_MARKED],
    "filterableAttributes": ["id", "audiences", *sorted({*_FIELD.values(), *_FILTER.values()})],
    "sortableAttributes": ["newest", "rating"],
    "rankingRules": ["sort", "words", "typo", "proximity", "attribute", "exactness"],
    "localizedAttributes": [{"attributePatterns": list(_WORDS), "locales": ["cmn"]}],
    "typoTolerance": {"disableOnAttributes": ["title_initials", "initials"]},
    "pagination": {"maxTotalHits": MAX_EXACT_TOTAL},
    "faceting": {"maxValuesPerFacet": 5_000, "sortFacetValuesBy": {"*": "count"}},
}


class MeilisearchSearch:
    """The index called ``name`` on the server at ``url``; both the live one and one being filled."""

    def __init__(self, url: str, key: str, name: str = DEFAULT_NAME) -> None:
        self._url, self._key, self.name = url, key, name
        self._local = threading.local()

    @classmethod
    def at(cls, address: str) -> MeilisearchSearch:
        """The engine at ``http(s)://:KEY@host:port``, or ``…/name`` where several platforms share a server."""
        parts = urlsplit(address)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
        return cls(
            f"{parts.scheme}://{host}{port}", unquote(parts.password or ""), parts.path.strip("/") or DEFAULT_NAME
        )

    def upsert(self, documents: list[Document]) -> None:
        if not documents:
            return
        with _troubles_told():
            self._check_presence()
            self._finish(self._client.index(self.name).add_documents([_fields(each) for each in documents]))

    def remove(self, ids: list[UUID]) -> None:
        if not ids:
            return
        with _troubles_told():
            self._check_presence()
            self._finish(self._client.index(self.name).delete_documents(filter=_one_of("id", map(str, ids))))

    def search(self, query: base.Query) -> Hits:
        with _troubles_told():
            answers = self._ask(query, "all")
            if query.text and not answers[0]["totalHits"]:
                answers = self._ask(query, "last")
            return _hits(query, answers)

    def suggest(self, text: str, audiences: frozenset[str], excluded: frozenset[UUID], limit: int = 8) -> list[str]:
        if not text.strip():
            return []
        asked = {
            "filter": _allowed(audiences, excluded),
            "attributesToSearchOn": ["title", "title_sounds", "title_initials"],
            "attributesToRetrieve": ["title"],
            "matchingStrategy": "all",
            "limit": _SUGGESTIONS_READ,
        }
        with _troubles_told():
            found = self._client.index(self.name).search(text, asked)
            return list(dict.fromkeys(hit["title"] for hit in found["hits"]))[:limit]

    def begin_rebuild(self) -> MeilisearchSearch:
        fresh = MeilisearchSearch(self._url, self._key, f"{self.name}_{uuid4().hex[:12]}")
        with _troubles_told():
            self._drop_left_over()
            fresh._create()
        return fresh

    def finish_rebuild(self, fresh: base.SearchEngine, *, keep: bool) -> None:
        assert isinstance(fresh, MeilisearchSearch)
        with _troubles_told():
            if keep:
                if self.name not in self._names():
                    self._finish(self._client.create_index(self.name, {"primaryKey": "id"}))
                self._finish(self._client.swap_indexes([{"indexes": [self.name, fresh.name]}]))
            self._finish(self._client.delete_index(fresh.name))

    def ids(self) -> set[UUID]:
        found: set[UUID] = set()
        with _troubles_told():
            while True:
                asked = {"fields": ["id"], "limit": _PAGE, "offset": len(found)}
                page = self._client.index(self.name).get_documents(asked)
                found |= {UUID(document.id) for document in page.results}
                if len(found) >= page.total or not page.results:
                    return found

    @property
    def _client(self) -> Client:
        # One for each thread: the SDK changes its headers before every request.
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = Client(self._url, self._key, timeout=_ANSWER_TIMEOUT_S)
        return client

    def _ask(self, query: base.Query, strategy: str) -> list[dict[str, Any]]:
        """The page with the facets nobody chose from, then one answer for each chosen facet, in one request."""
        chosen = [name for name in query.facets if query.filters.get(name)]
        others = [_FIELD[name] for name in query.facets if name not in chosen]
        asked = [_page(self.name, query, strategy, others)]
        asked += [_counts(self.name, query, strategy, name) for name in chosen]
        answer = cast("dict[str, Any]", self._client.multi_search(asked))
        results: list[dict[str, Any]] = answer["results"]
        return results

    def _create(self) -> None:
        self._finish(self._client.create_index(self.name, {"primaryKey": "id"}))
        self._finish(self._client.index(self.name).update_settings(SETTINGS))

    def _check_presence(self) -> None:
        """Raise when the index is gone: the server would make a new one, without our settings."""
        self._client.get_raw_index(self.name)

    def _names(self) -> list[str]:
        answer = cast("dict[str, Any]", self._client.get_raw_indexes({"limit": _PAGE}))
        return [each["uid"] for each in answer["results"]]

    def _drop_left_over(self) -> None:
        for name in self._names():
            if name.startswith(f"{self.name}_"):
                self._finish(self._client.delete_index(name))

    def _finish(self, begun: TaskInfo) -> None:
        """Wait until the server has done it: an accepted task is only a promise."""
        task = self._client.wait_for_task(begun.task_uid, _TASK_TIMEOUT_MS, _TASK_POLL_MS)
        if task.status != "succeeded":
            code = (task.error or {}).get("code")
            raise (IndexDamaged if code in _REBUILD_HEALS else SearchUnavailable)


@contextmanager
def _troubles_told() -> Iterator[None]:
    try:
        yield
    except MeilisearchApiError as error:
        raise (IndexDamaged if error.code in _REBUILD_HEALS else SearchUnavailable) from error
    except (MeilisearchError, OSError, ValueError, LookupError, TypeError) as error:  # something else may answer there
        raise SearchUnavailable from error


def _page(name: str, query: base.Query, strategy: str, facets: list[str]) -> dict[str, Any]:
    return _question(name, query, strategy) | {
        "page": query.page,
        "hitsPerPage": query.page_size,
        "facets": facets,
        "sort": _sort(query),
        "attributesToRetrieve": ["id"],
        "attributesToHighlight": list(_MARKED),
        "attributesToCrop": ["description", "text"],
        "cropLength": 40,
        "highlightPreTag": MATCH_START,
        "highlightPostTag": MATCH_END,
    }


def _counts(name: str, query: base.Query, strategy: str, facet: str) -> dict[str, Any]:
    return _question(name, query, strategy, but=facet) | {"limit": 0, "facets": [_FIELD[facet]]}


def _question(name: str, query: base.Query, strategy: str, *, but: str = "") -> dict[str, Any]:
    chosen = [_one_of(_FILTER[n], values) for n, values in query.filters.items() if values and n != but]
    return {
        "indexUid": name,
        "q": query.text,
        "filter": [*_allowed(query.audiences, query.excluded), *chosen],
        "matchingStrategy": strategy,
        "locales": ["cmn"],
    }


def _sort(query: base.Query) -> list[str]:
    if query.sort is Sort.RATING:
        return ["rating:desc", "newest:desc"]
    return [] if query.sort is Sort.RELEVANCE and query.text.strip() else ["newest:desc"]


def _allowed(audiences: frozenset[str], excluded: frozenset[UUID]) -> list[str]:
    allowed = [_one_of("audiences", sorted(audiences))]
    if excluded:
        allowed.append(f"NOT {_one_of('id', sorted(map(str, excluded)))}")
    return allowed


def _one_of(field: str, values: Any) -> str:
    return f"{field} IN [{', '.join(map(_quoted, values))}]"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _hits(query: base.Query, answers: list[dict[str, Any]]) -> Hits:
    counts = {name: value for answer in answers for name, value in (answer.get("facetDistribution") or {}).items()}
    total = answers[0]["totalHits"]
    facets = {name: counts.get(_FIELD[name], {}) for name in query.facets}
    return Hits(tuple(_hit(found) for found in answers[0]["hits"]), total, total < MAX_EXACT_TOTAL, facets)


def _hit(found: dict[str, Any]) -> Hit:
    shown = found.get("_formatted") or {}
    marked = {name: shown[name] for name in _MARKED if MATCH_START in (shown.get(name) or "")}
    return Hit(UUID(found["id"]), marked)


def _fields(document: Document) -> dict[str, Any]:
    title = text.normalise(document.title)
    rest = text.normalise("\n".join((document.unit, document.curriculum, *document.keywords, document.description)))
    said, around = pinyin.syllables(title), pinyin.syllables(rest[:MAX_SOUNDED])
    counted = {name: getattr(document, name) or None for name in FACETS if name != "region"}
    worded = {name: _unmarked(getattr(document, name)) for name in _WORDS if name != "keywords"}
    return {
        **counted,
        **worded,
        "id": str(document.id),
        "keywords": [_unmarked(each) for each in document.keywords],
        "grade": None if document.grade is None else str(document.grade),
        "county": document.county or None,
        "regions": list(document.regions),
        "framework_items": list(document.framework_items),
        "audiences": list(document.audiences),
        "title_sounds": [" ".join(said), "".join(said)],
        "title_initials": "".join(syllable[0] for syllable in said),
        "sounds": " ".join(around),
        "initials": "".join(syllable[0] for syllable in around),
        "newest": int(document.published_at * 1000),
        "rating": document.rating,
    }


def _unmarked(words: str) -> str:
    return words[:MAX_TEXT].replace(MATCH_START, " ").replace(MATCH_END, " ")
