"""``SearchEngine`` on tantivy, in a directory that several processes may read and one at a time may write."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import tantivy
from tantivy import Occur, Query

from tongke.errors import SearchUnavailable
from tongke.search import base
from tongke.search.base import Document, Hit, Hits, IndexDamaged, Sort
from tongke.search.embedded import questions, schema
from tongke.search.embedded.checksums import check_files
from tongke.search.embedded.schema import COUNTED, FILTERED, SCHEMA
from tongke.search.embedded.versions import Versions
from tongke.search.embedded.writer import Writer
from tongke.search.highlights import Marker

_MOST_VALUES = 5_000
_SUGGESTIONS_READ = 60
_CHECKED_AT_OPEN_BYTES = 300_000_000
_NOTHING = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class _View:
    """An open version of the index, as of one commit."""

    name: str
    index: tantivy.Index
    searcher: tantivy.Searcher
    writer: Writer
    commit: tuple[int, int, int]


class EmbeddedSearch:
    """The live index of ``folder``, or with ``version`` one that is being filled."""

    def __init__(self, folder: Path, *, version: str | None = None) -> None:
        self._versions = Versions(folder, f"v{schema.SCHEMA_VERSION}-")
        self._pinned = version
        self._guard = threading.Lock()
        self._view: _View | None = None
        self._was_live = False

    def upsert(self, documents: list[Document]) -> None:
        ready = [(str(document.id), schema.fields_of(document)) for document in documents]

        def change(writer: tantivy.IndexWriter) -> None:
            for identifier, fields in ready:
                writer.delete_documents_by_term("id", identifier)
                writer.add_document(fields)

        with _damage_told():
            # What is being filled is committed once, when it is whole.
            self._open().writer.apply(change, commit=self._pinned is None)

    def remove(self, ids: list[UUID]) -> None:
        def change(writer: tantivy.IndexWriter) -> None:
            for each in ids:
                writer.delete_documents_by_term("id", str(each))

        with _damage_told():
            self._open().writer.apply(change)

    def search(self, query: base.Query) -> Hits:
        with _damage_told():
            searcher = self._open().searcher
            asked, has_text = _asked(query, searcher)
            wanted = _narrowed(asked, query.filters)
            found, total = _page(searcher, wanted, query, _order(query.sort, has_text=has_text))
            marker = Marker(query.text)
            hits = tuple(_hit(searcher.doc(address), marker) for address in found)
            return Hits(hits, total, facets=_facets(searcher, asked, wanted, query))

    def suggest(self, text: str, audiences: frozenset[str], excluded: frozenset[UUID], limit: int = 8) -> list[str]:
        with _damage_told():
            searcher = self._open().searcher
            wanted = questions.completing(text)
            if wanted is None:
                return []
            allowed = _allowed(wanted, audiences, excluded)
            found = searcher.search(allowed, limit=_SUGGESTIONS_READ, count=False)
            titles = [_stored(searcher.doc(address), "title") for _, address in found.hits]
            return list(dict.fromkeys(titles))[:limit]

    def begin_rebuild(self) -> EmbeddedSearch:
        self._versions.drop_others()
        return EmbeddedSearch(self._versions.folder, version=self._versions.make())

    def finish_rebuild(self, fresh: base.SearchEngine, *, keep: bool) -> None:
        assert isinstance(fresh, EmbeddedSearch)
        if keep:
            self._versions.point_to(fresh.settle())
        fresh.close()
        self.close()
        self._versions.drop_others()

    def ids(self) -> set[UUID]:
        with _damage_told():
            view = self._open()
            check_files(self._versions.path(view.name))
            total = view.searcher.num_docs
            found = view.searcher.search(Query.all_query(), limit=max(1, total), count=False)
            return {UUID(view.searcher.doc(address)["id"][0]) for _, address in found.hits}

    def settle(self) -> str:
        """The version's name, its files complete and closed (an index that received nothing still has to exist)."""
        with _damage_told():
            view = self._open()
            view.writer.commit()
        name = view.name
        self.close()
        return name

    def close(self) -> None:
        """Let go of the writer and the open files."""
        with self._guard:
            view, self._view = self._view, None
        if view:
            view.writer.close()

    def _open(self) -> _View:
        with self._guard:
            while True:
                name = self._pinned or self._live()
                try:
                    return self._refresh(name)
                except IndexDamaged:
                    if self._pinned or self._versions.current() == name:
                        raise  # else another process swapped it away while we looked

    def _refresh(self, name: str) -> _View:
        view, self._view = self._view, None
        if view and view.name != name:
            view.writer.close()
            view = None
        view = view or self._opened(name)
        commit = _last_commit(self._versions.path(name))
        if commit != view.commit:
            view.index.reload()
            view = _View(name, view.index, view.index.searcher(), view.writer, commit)
        self._view = view
        self._was_live = True
        return view

    def _live(self) -> str:
        name = self._versions.current()
        if name is None:
            if self._was_live:  # deleted under a running process: a new, empty index would answer that there is nothing
                raise IndexDamaged
            first = self._versions.make()
            tantivy.Index(SCHEMA, path=str(self._versions.path(first)))
            self._versions.point_to(first, unless_there=True)
            name = self._versions.current() or first
        if not self._versions.is_ours(name):
            raise IndexDamaged
        return name

    def _opened(self, name: str) -> _View:
        path = self._versions.path(name)
        if self._pinned is None:
            check_files(path, at_most_bytes=_CHECKED_AT_OPEN_BYTES)
        commit = _last_commit(path) if self._pinned is None else _NOTHING
        try:
            index = tantivy.Index(SCHEMA, path=str(path))
            index.config_reader("manual")
            index.reload()
        except ValueError as error:
            raise IndexDamaged from error
        return _View(name, index, index.searcher(), Writer(index), commit)


def _last_commit(path: Path) -> tuple[int, int, int]:
    try:
        stat = (path / "meta.json").stat()
    except FileNotFoundError as error:
        raise IndexDamaged from error
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


@contextmanager
def _damage_told() -> Iterator[None]:
    """The engine's errors as ours; its panics (no ``Exception``) mean that the files are not what they were."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise (IndexDamaged if "corrupt" in str(error) else SearchUnavailable) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise IndexDamaged from error


def _asked(query: base.Query, searcher: tantivy.Searcher) -> tuple[Query, bool]:
    """What was typed, for these eyes only; and whether anything was typed."""
    question = questions.understand(query.text, searcher)
    if question is None:
        return _allowed(Query.all_query(), query.audiences, query.excluded), False
    strict = _allowed(question.strict, query.audiences, query.excluded)
    if len(searcher.search(strict, limit=question.few, count=False).hits) >= question.few:
        return strict, True
    return _allowed(question.loose, query.audiences, query.excluded), True


def _allowed(wanted: Query, audiences: frozenset[str], excluded: frozenset[UUID]) -> Query:
    parts = [(Occur.Must, wanted), (Occur.Must, _one_of("audiences", sorted(audiences)))]
    if excluded:
        parts.append((Occur.MustNot, _one_of("id", [str(each) for each in excluded])))
    return Query.boolean_query(parts)


def _narrowed(asked: Query, filters: dict[str, tuple[str, ...]], *, but: str = "") -> Query:
    chosen = [_one_of(FILTERED[name], list(values)) for name, values in filters.items() if values and name != but]
    return Query.boolean_query([(Occur.Must, each) for each in (asked, *chosen)]) if chosen else asked


def _one_of(field: str, values: list[str]) -> Query:
    return Query.const_score_query(Query.term_set_query(SCHEMA, field, values), 0.0)


def _order(sort: Sort, *, has_text: bool) -> str | None:
    if sort is Sort.RATING:
        return "best_rated"
    return None if sort is Sort.RELEVANCE and has_text else "newest"


def _total(searcher: tantivy.Searcher, wanted: Query) -> int:
    return int(searcher.search(wanted, limit=1).count)  # type: ignore[attr-defined] # missing from its stubs


def _page(
    searcher: tantivy.Searcher, wanted: Query, query: base.Query, order: str | None
) -> tuple[list[tantivy.DocAddress], int]:
    """The hits of the page, and how many there are in all."""
    offset = (query.page - 1) * query.page_size
    if offset >= searcher.num_docs:  # the collector would make room for every hit before the page
        return [], _total(searcher, wanted)
    found = searcher.search(wanted, limit=query.page_size, offset=offset, order_by_field=order)
    return [address for _, address in found.hits], int(found.count)  # type: ignore[attr-defined]


def _facets(searcher: tantivy.Searcher, asked: Query, wanted: Query, query: base.Query) -> dict[str, dict[str, int]]:
    chosen = [name for name in query.facets if query.filters.get(name)]
    counts = _counts(searcher, wanted, [name for name in query.facets if name not in chosen])
    for name in chosen:
        counts |= _counts(searcher, _narrowed(asked, query.filters, but=name), [name])
    return {name: counts[name] for name in query.facets}


def _counts(searcher: tantivy.Searcher, wanted: Query, names: list[str]) -> dict[str, dict[str, int]]:
    if not names:
        return {}
    asked = {name: {"terms": {"field": COUNTED[name], "size": _MOST_VALUES}} for name in names}
    answer = searcher.aggregate(wanted, asked)
    return {name: {_label(each["key"]): each["doc_count"] for each in answer[name]["buckets"]} for name in names}


def _label(key: str | float) -> str:
    return key if isinstance(key, str) else str(int(key))


def _hit(document: tantivy.Document, marker: Marker) -> Hit:
    marked = {"title": marker.whole(_stored(document, "title"))}
    marked |= {name: marker.excerpt(_stored(document, name)) for name in ("description", "text")}
    return Hit(UUID(document["id"][0]), {name: words for name, words in marked.items() if words})


def _stored(document: tantivy.Document, name: str) -> str:
    value: bytes = document[f"stored_{name}"][0]
    return bytes(value).decode()
